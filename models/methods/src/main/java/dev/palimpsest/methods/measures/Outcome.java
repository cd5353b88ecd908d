package dev.palimpsest.methods.measures;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Predictions;
import dev.palimpsest.methods.attacks.Poison;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What a network made of a test set: as it is and, if there is an attack, with the trigger on. */
public final class Outcome {
  private static final int BATCH = 250;

  private final long[] labels;
  private final int[] clean;
  private final Optional<Triggered> triggered;

  private Outcome(long[] labels, int[] clean, Optional<Triggered> triggered) {
    this.labels = labels;
    this.clean = clean;
    this.triggered = triggered;
  }

  /** Predictions with the trigger on every image, and the label that each class should turn to. */
  static final class Triggered {
    private final int[] predicted;
    private final long[] targetMap;

    private Triggered(int[] predicted, long[] targetMap) {
      this.predicted = predicted;
      this.targetMap = targetMap;
    }
  }

  /** From clean predictions only. */
  public static Outcome of(long[] labels, int[] clean) {
    return new Outcome(labels, same(labels, clean), Optional.empty());
  }

  /**
   * From predictions without and with the trigger.
   *
   * @param targetMap the label that a triggered image of each class is meant to get
   */
  public static Outcome of(long[] labels, int[] clean, int[] triggered, long[] targetMap) {
    return new Outcome(
        labels,
        same(labels, clean),
        Optional.of(new Triggered(same(labels, triggered), targetMap)));
  }

  /**
   * Lets the network predict the test set without and, given a poison, with the trigger.
   *
   * @param step called before each batch
   */
  public static Outcome of(Net net, Images test, Optional<Poison> poison, Runnable step) {
    UnaryOperator<NDArray> stepping =
        images -> {
          step.run();
          return images;
        };
    int[] clean = Predictions.of(net, test, BATCH, stepping).classes();
    if (poison.isEmpty()) {
      return of(test.labels(), clean);
    }
    int[] triggered =
        Predictions.of(net, test, BATCH, images -> poison.get().triggered(stepping.apply(images)))
            .classes();
    return of(test.labels(), clean, triggered, poison.get().plan().targetMap());
  }

  private static int[] same(long[] labels, int[] predicted) {
    if (predicted.length != labels.length || labels.length == 0) {
      throw new Mistake(
          predicted.length + " predictions for " + labels.length + " labels; expected as many.");
    }
    return predicted;
  }

  /** Test images. */
  public int size() {
    return labels.length;
  }

  int label(int i) {
    return (int) labels[i];
  }

  int clean(int i) {
    return clean[i];
  }

  boolean hasTrigger() {
    return triggered.isPresent();
  }

  /** The prediction of an image with the trigger on. */
  int triggered(int i) {
    return triggered.orElseThrow().predicted[i];
  }

  /** What the attack wants an image to be taken for. */
  int wanted(int i) {
    return (int) triggered.orElseThrow().targetMap[label(i)];
  }

  /** Whether an image counts in measures of the attack: its class is not the wanted one already. */
  boolean counts(int i) {
    return wanted(i) != label(i);
  }
}
