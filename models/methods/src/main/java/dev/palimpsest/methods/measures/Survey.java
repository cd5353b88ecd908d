package dev.palimpsest.methods.measures;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The losses of a network at points of its weight space, a point a step. */
public final class Survey implements Stepwise {
  private static final String CLEAN = "survey.clean";
  private static final String BACKDOOR = "survey.backdoor";

  /** Points of the weight space of a network, which is moved in place. */
  public interface Points extends AutoCloseable {
    int size();

    /** Moves the network to a point, counted from 0. */
    void visit(int point);

    @Override
    void close();
  }

  private final Points points;
  private final Supplier<Losses> measure;
  private final List<Losses> losses = new ArrayList<>();

  private Survey(Points points, Supplier<Losses> measure) {
    this.points = points;
    this.measure = measure;
  }

  /** Begins; the points are closed with it. */
  public static Survey of(Points points, Supplier<Losses> measure) {
    return new Survey(points, measure);
  }

  /** The losses at the points visited so far. */
  public List<Losses> losses() {
    return List.copyOf(losses);
  }

  @Override
  public long total() {
    return points.size();
  }

  @Override
  public long done() {
    return losses.size();
  }

  @Override
  public Progress step() {
    points.visit(losses.size());
    Losses here = measure.get();
    losses.add(here);
    return new Progress(done(), total(), (int) done(), (int) total(), true, here.named());
  }

  @Override
  public long gradientEvaluations() {
    return 0;
  }

  @Override
  public Tensors state() {
    double[] clean = new double[2 * losses.size()];
    double[] backdoor = new double[2 * losses.size()];
    boolean triggered = false;
    for (int i = 0; i < losses.size(); i++) {
      clean[2 * i] = losses.get(i).loss();
      clean[2 * i + 1] = losses.get(i).accuracy();
      if (losses.get(i).backdoor().isPresent()) {
        triggered = true;
        backdoor[2 * i] = losses.get(i).backdoor().get().loss();
        backdoor[2 * i + 1] = losses.get(i).backdoor().get().asr();
      }
    }
    var state = new Tensors.Builder().put(CLEAN, Tensor.of(clean, losses.size(), 2));
    if (triggered) {
      state.put(BACKDOOR, Tensor.of(backdoor, losses.size(), 2));
    }
    return state.build();
  }

  @Override
  public void restore(Tensors state) {
    double[] clean = state.get(CLEAN).doubles();
    if (clean.length > 2 * total()) {
      throw new Mistake(
          "the saved state has " + clean.length / 2 + " points; this survey has " + total() + ".");
    }
    Optional<double[]> backdoor =
        Optional.ofNullable(state.tensors().get(BACKDOOR)).map(Tensor::doubles);
    losses.clear();
    for (int i = 0; i < clean.length; i += 2) {
      int at = i;
      losses.add(
          new Losses(
              clean[i],
              clean[i + 1],
              backdoor.map(values -> new Losses.Backdoor(values[at], values[at + 1]))));
    }
  }

  @Override
  public void close() {
    points.close();
  }
}
