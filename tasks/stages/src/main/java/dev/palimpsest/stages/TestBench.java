package dev.palimpsest.stages;

import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.methods.measures.AttackSuccessRate;
import dev.palimpsest.methods.measures.CleanAccuracy;
import dev.palimpsest.methods.measures.Outcome;
import dev.palimpsest.methods.measures.RobustAccuracy;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tasks.StageContext;
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
    Images test = new DataSet(context.tensors("test")).on(compute);
    return new TestBench(
        test,
        context.has("plan")
            ? Optional.of(
                Poison.of(
                    PoisonPlan.of(context.tensors("plan")), Methods.load(), compute, Precision.F32))
            : Optional.empty(),
        context::step);
  }

  int images() {
    return test.size();
  }

  /** Fractions: {@code cleanAccuracy} and, with a plan, {@code asr} and {@code robustAccuracy}. */
  Map<String, Double> measure(Net net) {
    Outcome outcome = Outcome.of(net, test, poison, step);
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
