package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Penalty;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensors;
import java.util.Locale;
import java.util.Optional;

/**
 * Elastic weight consolidation: loss + lambda sum_i F_i (w_i - w*_i)^2, with the Fisher information
 * F and the weights w* of the former task; no factor 1/2, as in the reference implementations.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Ewc implements Learner<Ewc.Parameters> {
  /** The penalty's weight. */
  public record Parameters(
      @Param(
              help = "weight of the penalty; means something only with the Fisher's scale",
              value = "1",
              min = 0)
          double lambda) {}

  @Override
  public String name() {
    return "ewc";
  }

  @Override
  public String summary() {
    return "Elastic weight consolidation: weights that mattered to the former task are held.";
  }

  @Override
  public Citation citation() {
    return new Citation(
        "kirkpatrick2017ewc",
        "J. Kirkpatrick, R. Pascanu, N. Rabinowitz et al. Overcoming catastrophic forgetting in"
            + " neural networks. PNAS 114(13), 2017.",
        """
        @article{kirkpatrick2017ewc,
          author = {Kirkpatrick, James and Pascanu, Razvan and Rabinowitz, Neil and others},
          title = {Overcoming catastrophic forgetting in neural networks},
          journal = {Proceedings of the National Academy of Sciences},
          volume = {114},
          number = {13},
          pages = {3521--3526},
          year = {2017}
        }
        """);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public boolean needsFisher() {
    return true;
  }

  @Override
  public Penalty penalty(Parameters parameters, Past past, Net net) {
    NDArray fisher = net.vector("the Fisher information", fisher(past));
    return new Elastic(
        parameters.lambda(), fisher, net.parametersOf("the former network", past.network()));
  }

  private static Tensors fisher(Past past) {
    return past.fisher()
        .orElseThrow(() -> new Mistake("ewc needs the Fisher information of the former task."));
  }

  /**
   * Gradient descent on lambda F (w - w*)^2 alone diverges when lr 2 lambda F exceeds 2 (1 +
   * momentum).
   */
  @Override
  public Optional<String> warning(Parameters parameters, Past past, Sgd.Settings sgd) {
    double largest = FisherInformation.largest(fisher(past));
    double pull = sgd.rate() * 2 * parameters.lambda() * largest;
    double limit = 2 * (1 + sgd.momentum());
    if (pull <= limit) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "ewc with lambda %s may diverge: lr * 2 * lambda * max F = %.3g exceeds %.3g; at this"
                + " rate and Fisher information lambda should be at most %.3g.",
            parameters.lambda(),
            pull,
            limit,
            limit / (sgd.rate() * 2 * largest)));
  }

  /** lambda sum F (w - anchor)^2. */
  record Elastic(double lambda, NDArray fisher, NDArray anchor) implements Penalty {
    @Override
    public NDArray added(NDArray loss, Batch batch, Out out, NDArray weights) {
      return loss.add(weights.sub(anchor).square().mul(fisher).sum().mul(lambda));
    }

    @Override
    public void close() {
      fisher.close();
      anchor.close();
    }
  }
}
