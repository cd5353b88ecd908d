package dev.palimpsest.methods.measures;

import com.google.auto.service.AutoService;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.Optional;

/** What a defence did, from the outcomes before and after it; fractions as in BackdoorBench. */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class DefenceEffect implements StageMeasure<DefenceEffect.Parameters> {
  /** None. */
  public record Parameters() {}

  /** Fractions of one network. */
  public record Measured(double accuracy, double asr, double robustAccuracy) {
    /** Of an outcome; empty without a trigger. */
    public static Optional<Measured> of(Outcome outcome) {
      return AttackSuccessRate.of(outcome).isEmpty()
          ? Optional.empty()
          : Optional.of(
              new Measured(
                  CleanAccuracy.of(outcome).orElseThrow(),
                  AttackSuccessRate.of(outcome).orElseThrow(),
                  RobustAccuracy.of(outcome).orElseThrow()));
    }
  }

  @Override
  public String name() {
    return "defence-effectiveness";
  }

  @Override
  public String summary() {
    return "How much a defence lowers ASR (DER) or restores labels (RIR), less the accuracy lost.";
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

  /**
   * Defence effectiveness rate (DER): (max(0, ASR before - after) - max(0, accuracy before - after)
   * + 1) / 2. 1/2 is no effect.
   */
  public static double effectiveness(Measured before, Measured after) {
    return gain(before.asr() - after.asr(), before, after);
  }

  /**
   * Robust improvement rate (RIR): (max(0, robust accuracy after - before) - max(0, accuracy before
   * - after) + 1) / 2. 1/2 is no effect.
   */
  public static double robustImprovement(Measured before, Measured after) {
    return gain(after.robustAccuracy() - before.robustAccuracy(), before, after);
  }

  private static double gain(double won, Measured before, Measured after) {
    return (Math.max(0, won) - Math.max(0, before.accuracy() - after.accuracy()) + 1) / 2;
  }
}
