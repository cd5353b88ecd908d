package dev.palimpsest.stages;

import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.methods.measures.AttackSuccessRate;
import dev.palimpsest.methods.measures.CleanAccuracy;
import dev.palimpsest.methods.measures.Losses;
import dev.palimpsest.methods.measures.Outcome;
import dev.palimpsest.methods.measures.RobustAccuracy;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tasks.StageContext;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Measures networks on the inputs {@code test} and, if there is one, {@code plan}. */
final class TestBench implements AutoCloseable {
  private final Images test;
  private final Optional<Poison> poison;
  private final Runnable step;

  private TestBench(Images test, Optional<Poison> poison, Runnable step) {
    this.test = test;
    this.poison = poison;
    this.step = step;
  }

  static TestBench of(StageContext context, Compute compute) {
    return of(context, compute, 0, Precision.F32);
  }

  /**
   * On a part of the test set.
   *
   * @param images how many, drawn by the run's seed; 0, or more than there are: all
   */
  static TestBench of(StageContext context, Compute compute, int images, Precision precision) {
    var all = new DataSet(context.tensors("test"));
    DataSet test = all;
    if (images > 0 && images < all.size()) {
      int[] drawn = Randomness.of(context.seed()).stream("test images").permutation(all.size());
      test = all.pick(Arrays.copyOf(drawn, images));
    }
    return new TestBench(
        test.on(compute),
        context.has("plan")
            ? Optional.of(
                Poison.of(
                    PoisonPlan.of(context.tensors("plan")), Methods.load(), compute, precision))
            : Optional.empty(),
        context::step);
  }

  int images() {
    return test.size();
  }

  Images test() {
    return test;
  }

  Optional<Poison> poison() {
    return poison;
  }

  Losses losses(Net net) {
    return Losses.of(net, test, poison, step);
  }

  Outcome outcome(Net net) {
    return Outcome.of(net, test, poison, step);
  }

  /** Fractions: {@code cleanAccuracy} and, with a plan, {@code asr} and {@code robustAccuracy}. */
  Map<String, Double> measure(Net net) {
    return measures(outcome(net));
  }

  /** As {@link #measure}. */
  static Map<String, Double> measures(Outcome outcome) {
    var values = new TreeMap<String, Double>();
    CleanAccuracy.of(outcome).ifPresent(accuracy -> values.put("cleanAccuracy", accuracy));
    AttackSuccessRate.of(outcome).ifPresent(asr -> values.put("asr", asr));
    RobustAccuracy.of(outcome).ifPresent(accuracy -> values.put("robustAccuracy", accuracy));
    return values;
  }

  @Override
  public void close() {
    poison.ifPresent(Poison::close);
    test.close();
  }
}
