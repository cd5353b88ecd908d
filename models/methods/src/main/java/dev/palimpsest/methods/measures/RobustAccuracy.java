package dev.palimpsest.methods.measures;

import com.google.auto.service.AutoService;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.OptionalDouble;

/**
 * Robust accuracy: the share of triggered images that keep their true label, without those whose
 * true class is the target.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class RobustAccuracy implements Measure<RobustAccuracy.Parameters> {
  /** None. */
  public record Parameters() {}

  @Override
  public String name() {
    return "robust-accuracy";
  }

  @Override
  public String summary() {
    return "Share of triggered test images that are still classified as their true class.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "zhu2023ftsam",
        "Mingli Zhu and Shaokui Wei and Li Shen and Yanbo Fan and Baoyuan Wu",
        "Enhancing Fine-Tuning Based Backdoor Defense with Sharpness-Aware Minimization",
        "IEEE/CVF International Conference on Computer Vision (ICCV)",
        2023);
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
    return Shares.of(outcome, i -> outcome.triggered(i) == outcome.label(i));
  }
}
