package dev.palimpsest.methods.defences;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;

/**
 * Super-fine-tuning: the learning rate rises and falls in triangles, high ones first, to forget the
 * backdoor, then low ones, to recover. Steps are counted through: a triangle that has begun when
 * the low ones start goes on with the low peak.
 *
 * <p>Defaults for CIFAR-10 (GTSRB: base 0.003, peaks 0.25 and 0.005), after the implementation in
 * backdoor-toolbox, which sets the rate after each step and so uses it one step late; here each
 * step has its own.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class SuperFineTuning implements Defence<SuperFineTuning.Parameters> {
  /** The triangles. */
  public record Parameters(
      @Param(help = "lowest learning rate", value = "0.03", min = 0) double base,
      @Param(help = "peak of the learning rate in the high phase", value = "2.5", min = 0)
          double high,
      @Param(help = "peak of the learning rate afterwards", value = "0.05", min = 0) double low,
      @Param(help = "epochs of the high phase", value = "40", min = 0) int highEpochs,
      @Param(help = "steps from base to peak", value = "10", min = 1) int rise,
      @Param(help = "steps from peak to base", value = "10", min = 1) int fall,
      @Param(help = "momentum", value = "0", min = 0, max = 1) double momentum,
      @Param(help = "weight decay (L2)", value = "0", min = 0) double weightDecay,
      @Param(help = "epochs", value = "100", min = 1) int epochs,
      @Param(help = "samples a step", value = "256", min = 1) int batch) {

    /** The learning rate of a step, both counted from 0. */
    double rate(int epoch, int step) {
      double peak = epoch < highEpochs ? high : low;
      int place = step % (rise + fall);
      double height = place < rise ? (double) place / rise : (double) (rise + fall - place) / fall;
      return base + (peak - base) * height;
    }
  }

  @Override
  public String name() {
    return "super-ft";
  }

  @Override
  public String summary() {
    return "Super-fine-tuning: the learning rate rises and falls, high first, then low.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "sha2022superft",
        "Zeyang Sha and Xinlei He and Pascal Berrang and Mathias Humbert and Yang Zhang",
        "Fine-Tuning Is All You Need to Mitigate Backdoor Attacks",
        "arXiv preprint arXiv:2212.09067",
        2022);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Stepwise start(Parameters p, DefenceContext context) {
    Recipe recipe =
        Recipe.of(p.epochs(), p.batch(), Sgd.Settings.of(p.base(), p.momentum(), p.weightDecay()));
    return context.training(
        recipe,
        new Lesson() {
          @Override
          public Net.Loss loss(Step step) {
            return PLAIN.loss(step);
          }

          @Override
          public double rate(double scheduled, int epoch, int step) {
            return p.rate(epoch, step);
          }
        });
  }
}
