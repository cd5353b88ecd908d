package dev.palimpsest.methods.measures;

import com.google.auto.service.AutoService;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.OptionalDouble;

/** Clean accuracy: the share of images without a trigger that get their true label. */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class CleanAccuracy implements Measure<CleanAccuracy.Parameters> {
  /** None. */
  public record Parameters() {}

  @Override
  public String name() {
    return "clean-accuracy";
  }

  @Override
  public String summary() {
    return "Share of test images that are classified as their true class.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "wu2022backdoorbench",
        "Baoyuan Wu and Hongrui Chen and Mingda Zhang and Zihao Zhu and Shaokui Wei and Danni Yuan and Chao Shen",
        "BackdoorBench: A Comprehensive Benchmark of Backdoor Learning",
        "Advances in Neural Information Processing Systems (NeurIPS), Datasets and Benchmarks",
        2022);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public OptionalDouble of(Parameters parameters, Outcome outcome) {
    return of(outcome);
  }

  /** The measure, which has no parameters. */
  public static OptionalDouble of(Outcome outcome) {
    int right = 0;
    for (int i = 0; i < outcome.size(); i++) {
      right += outcome.clean(i) == outcome.label(i) ? 1 : 0;
    }
    return OptionalDouble.of((double) right / outcome.size());
  }
}
