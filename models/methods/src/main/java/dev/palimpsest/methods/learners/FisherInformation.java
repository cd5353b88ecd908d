package dev.palimpsest.methods.learners;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;

/**
 * The diagonal of the empirical Fisher information, sample by sample: the mean over samples of
 * p(y|x) (d log p(y|x) / dw)^2 with the true label y, running statistics in use.
 *
 * <p>Weighting by p(y|x) follows the reference implementations of EWC; the mean is over the number
 * of samples, where one of them divides by a batch size that need not be the loader's.
 */
public final class FisherInformation {
  private FisherInformation() {}

  /**
   * Begins.
   *
   * @param samples how many images, from the head of the data
   * @throws Mistake if there are not as many
   */
  public static Importance of(Net net, Images data, int samples) {
    return new Importance(
        "the Fisher information",
        net,
        data,
        samples,
        (sample, index) -> {
          Net.Gradient gradient =
              net.gradient(
                  Mode.EVAL,
                  sample.images(),
                  (out, weights) -> Ops.logLikelihood(out.logits(), sample.labels()).sum());
          if (!Double.isFinite(gradient.value())) {
            throw new Failure(
                "the likelihood of sample " + index + " is not finite: the network has diverged.");
          }
          return Ops.scaled(gradient.vector().square(), StrictMath.exp(gradient.value()));
        });
  }

  /**
   * Begins, on a task's images.
   *
   * @param most how many images at most, from the head of the data; 0: all
   */
  static Importance of(TaskContext context, int most) {
    return of(context.net(), context.data(), Importance.samples(context, most));
  }
}
