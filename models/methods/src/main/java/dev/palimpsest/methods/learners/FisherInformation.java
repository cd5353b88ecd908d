package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;

/**
 * The diagonal of the empirical Fisher information: the mean over samples of p(y|x) (d log p(y|x) /
 * dw)^2 with the true label y, running statistics in use. What is squared is the gradient of
 * sqrt(p) log p with a constant sqrt(p).
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
        2,
        (out, batch) -> {
          NDArray logs = Ops.logLikelihood(out.logits(), batch.labels());
          return logs.mul(Ops.scaled(Ops.detached(logs), 0.5).exp());
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
