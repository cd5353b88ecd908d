package dev.palimpsest.methods.detectors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Predictions;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.tensors.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Images some of which carry a trigger, as bytes, and which of them do.
 *
 * @param poisoned one for each image
 */
public record SuspectImages(Images images, boolean[] poisoned) implements AutoCloseable {
  private static final int BATCH = 250;

  /** What becomes of a batch of clean images. */
  private interface Change {
    Batch of(Batch clean, int[] places, long batch);
  }

  /**
   * As a training that does not augment sees them in one epoch.
   *
   * @param data those that the plan was made for
   * @throws dev.palimpsest.base.Mistake if a static plan was made for others
   */
  public static SuspectImages ofTraining(
      Images data, Optional<Poison> poison, Compute compute, Randomness randomness) {
    poison.ifPresent(attack -> attack.plan().requireMadeFor(data.size()));
    return made(
            data,
            compute,
            (clean, places, batch) ->
                poison
                    .map(attack ->
                        attack.afterAugmentation(
                            attack.beforeAugmentation(clean, places),
                            places,
                            randomness.stream("poison", batch)))
                    .orElse(clean))
        .suspects(compute, data.classes());
  }

  /**
   * As a network in use meets them, labelled as it takes them.
   *
   * @param share the probability of a trigger on images that the attack wants to be mistaken
   */
  public static SuspectImages ofInputs(
      Images data, Optional<Poison> poison, double share, Net net, Randomness randomness) {
    long[] labels = data.labels();
    Made made =
        made(
            data,
            net.compute(),
            (clean, places, batch) ->
                poison
                    .map(attack ->
                        attack.poisoned(
                            clean, drawn(attack, share, labels, places, randomness, batch)))
                    .orElse(clean));
    long[] predicted;
    try (Images images = made.on(net.compute(), data.classes())) {
      predicted =
          Arrays.stream(Predictions.of(net, images, BATCH).classes()).asLongStream().toArray();
    }
    return new Made(made.pixels(), predicted, made.poisoned())
        .suspects(net.compute(), data.classes());
  }

  /** Images as bytes, their labels, and which carry a trigger. */
  private record Made(Tensor pixels, long[] labels, boolean[] poisoned) {
    Images on(Compute compute, int classes) {
      return Images.of(compute, pixels, Tensor.of(labels, labels.length), classes);
    }

    SuspectImages suspects(Compute compute, int classes) {
      return new SuspectImages(on(compute, classes), poisoned);
    }
  }

  private static Made made(Images data, Compute compute, Change change) {
    int size = data.size();
    long[] image = data.imageShape();
    int stride = Math.toIntExact(image[0] * image[1] * image[2]);
    byte[] pixels = new byte[Math.multiplyExact(size, stride)];
    long[] labels = new long[size];
    boolean[] poisoned = new boolean[size];
    for (int from = 0; from < size; from += BATCH) {
      int[] places = IntStream.range(from, Math.min(size, from + BATCH)).toArray();
      try (Scope scope = Scope.open()) {
        Batch batch = change.of(data.batch(Precision.F32, places), places, from / BATCH);
        NDArray bytes = Ops.scaled(batch.images(), 255).round().clip(0, 255);
        byte[] drawn = Compute.tensor(bytes.toType(DataType.UINT8, false)).bytes();
        System.arraycopy(drawn, 0, pixels, stride * from, drawn.length);
        System.arraycopy(batch.labels().toLongArray(), 0, labels, from, places.length);
        System.arraycopy(batch.poisoned().toBooleanArray(), 0, poisoned, from, places.length);
      }
    }
    return new Made(Tensor.of(pixels, size, image[0], image[1], image[2]), labels, poisoned);
  }

  private static boolean[] drawn(
      Poison attack, double share, long[] labels, int[] places, Randomness randomness, long batch) {
    RandomStream stream = randomness.stream("triggered", batch);
    long[] wanted = attack.plan().targetMap();
    boolean[] drawn = new boolean[places.length];
    for (int i = 0; i < drawn.length; i++) {
      int label = (int) labels[places[i]];
      drawn[i] = stream.uniform() < share && wanted[label] != label;
    }
    return drawn;
  }

  @Override
  public void close() {
    images.close();
  }
}
