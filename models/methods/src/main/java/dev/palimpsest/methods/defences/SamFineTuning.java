package dev.palimpsest.methods.defences;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.annotation.JsonValue;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Sam;
import dev.palimpsest.engine.Schedule;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.SurrogateGap;
import dev.palimpsest.engine.Training;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Locale;

/**
 * Fine-tuning with sharpness-aware minimisation; defaults as in sequential backdoor learning's
 * evaluation. The defence's own paper and BackdoorBench: adaptive, rho 2, smoothing 0.1, learning
 * rate 0.01, weight decay 5e-4, 100 epochs of 256 samples a step, and a cosine of period 100 that
 * counts steps, so that it swings once in 200 steps.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class SamFineTuning implements Defence<SamFineTuning.Parameters> {
  /** What the schedule counts. */
  public enum Unit {
    EPOCH,
    STEP;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** SAM, SGD and its schedule. */
  public record Parameters(
      @Param(help = "radius of SAM's neighbourhood", value = "0.05", min = 0) double rho,
      @Param(help = "whether SAM's radius scales with each weight", value = "false")
          boolean adaptive,
      @Param(
              help =
                  "share of the first gradient's part across SAM's gradient that is climbed"
                      + " (surrogate gap); 0: plain SAM",
              value = "0",
              min = 0)
          double alpha,
      @Param(
              help = "probability that the labels give to the other classes together",
              value = "0",
              min = 0,
              max = 1)
          double smoothing,
      @Param(help = "learning rate of the first epoch", value = "0.005", min = 0) double lr,
      @Param(help = "momentum", value = "0.9", min = 0, max = 1) double momentum,
      @Param(help = "weight decay (L2)", value = "0", min = 0) double weightDecay,
      @Param(help = "schedule of the learning rate", value = "\"constant\"") Schedule schedule,
      @Param(help = "units to the cosine's lowest rate (T_max)", value = "50", min = 1) int period,
      @Param(help = "what the period counts", value = "\"epoch\"") Unit unit,
      @Param(help = "epochs", value = "50", min = 1) int epochs,
      @Param(help = "samples a step", value = "128", min = 1) int batch) {}

  @Override
  public String name() {
    return "ft-sam";
  }

  @Override
  public String summary() {
    return "Fine-tuning on clean samples with sharpness-aware minimisation.";
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
  public Training start(Parameters p, DefenceContext context) {
    Recipe recipe =
        Recipe.of(p.epochs(), p.batch(), Sgd.Settings.of(p.lr(), p.momentum(), p.weightDecay()))
            .with(p.schedule(), p.period())
            .with(new SurrogateGap(new Sam(p.rho(), p.adaptive()), p.alpha()));
    return context.training(recipe, new Smoothed(p));
  }

  /** Cross-entropy with smoothed labels; the rate by what the schedule counts. */
  record Smoothed(Parameters parameters) implements Lesson {
    @Override
    public Net.Loss loss(Step step) {
      Batch batch = step.batch();
      return parameters.smoothing() == 0
          ? PLAIN.loss(step)
          : Net.Loss.of(
              batch.images(),
              (out, weights) ->
                  divergences(out.logits(), batch.labels(), parameters.smoothing()).mean());
    }

    @Override
    public double rate(double scheduled, int epoch, int step) {
      return parameters.unit() == Unit.EPOCH
          ? scheduled
          : parameters.schedule().rate(parameters.lr(), step, parameters.period());
    }
  }

  /**
   * How far the prediction is from the smoothed label: KL(q || p) of each sample, where q gives 1 -
   * smoothing to the label and shares the rest among the other classes: [n,classes] and I64 [n] to
   * [n].
   *
   * @param smoothing in (0, 1]
   */
  static NDArray divergences(NDArray logits, NDArray labels, double smoothing) {
    double other = smoothing / (logits.getShape().get(1) - 1);
    NDArray all = logits.logSoftmax(1).sum(new int[] {1});
    NDArray own = Ops.logLikelihood(logits, labels);
    double entropy = weighted(1 - smoothing, 1 - smoothing) + weighted(smoothing, other);
    return Ops.scaled(own, 1 - smoothing - other).add(Ops.scaled(all, other)).neg().add(entropy);
  }

  private static double weighted(double weight, double probability) {
    return weight == 0 ? 0 : weight * StrictMath.log(probability);
  }
}
