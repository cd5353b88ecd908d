package dev.palimpsest.engine;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensors;
import java.util.Map;
import java.util.function.Supplier;

/** Work without a gradient that is done in one step; a killed one begins again. */
public final class OneStep implements Stepwise {
  private final Supplier<Map<String, Double>> work;
  private boolean done;

  /**
   * Nothing is done yet.
   *
   * @param work gives the step's metrics by name
   */
  public OneStep(Supplier<Map<String, Double>> work) {
    this.work = work;
  }

  @Override
  public long total() {
    return 1;
  }

  @Override
  public long done() {
    return done ? 1 : 0;
  }

  @Override
  public Progress step() {
    Map<String, Double> metrics = work.get();
    done = true;
    return new Progress(1, 1, 1, 1, true, metrics);
  }

  @Override
  public long gradientEvaluations() {
    return 0;
  }

  @Override
  public Tensors state() {
    return new Tensors.Builder().build();
  }

  @Override
  public void restore(Tensors state) {
    if (!state.tensors().isEmpty()) {
      throw new Mistake("the saved state belongs to other work, of several steps.");
    }
  }

  @Override
  public void close() {}
}
