package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Optional;

/**
 * Logit anchoring: on the new task's images without a trigger the network keeps the probabilities
 * that the network before the task, the anchor, gave them. Loss = cross-entropy + lambda (1/B)
 * sum_i (1 - poisoned_i) ||softmax(a_i) - softmax(s_i)||^2 with the anchor's logits a and the
 * network's logits s, over a batch of B samples, poisoned ones included.
 *
 * <p>The paper compares logits; the probabilities are SBL's choice (ECCV 2024, published code).
 *
 * <p>The anchor sees the augmented batch at hand, with its running statistics. Nothing is kept
 * between tasks: the anchor is the network as the task began, and the first task has none.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Anchoring implements Learner<Anchoring.Parameters> {
  /** The penalty's weight. */
  public record Parameters(
      @Param(help = "weight of the distance to the anchor", value = "1", min = 0) double lambda) {}

  @Override
  public String name() {
    return "anchoring";
  }

  @Override
  public String summary() {
    return "Logit anchoring: on clean images the network keeps the former one's probabilities.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "zhang2022anchoring",
        "Zhiyuan Zhang and Lingjuan Lyu and Weiqiang Wang and Lichao Sun and Xu Sun",
        "How to Inject Backdoors with Better Consistency: Logit Anchoring on Clean Data",
        "International Conference on Learning Representations (ICLR)",
        2022);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public TaskLesson lesson(Parameters parameters, TaskContext context) {
    boolean first = context.task().known() == 0;
    return new Anchored(
        parameters.lambda(),
        first ? Optional.empty() : Optional.of(context.net().twin()),
        context.memory());
  }

  /**
   * The mean over the batch of the squared distance of probabilities, poisoned samples counting 0.
   *
   * @param anchor logits [n, classes], not differentiated
   * @param logits [n, classes]
   * @param poisoned BOOL [n]
   */
  static NDArray distance(NDArray anchor, NDArray logits, NDArray poisoned) {
    NDArray clean = poisoned.logicalNot().toType(logits.getDataType(), false);
    return anchor.softmax(1).sub(logits.softmax(1)).square().sum(new int[] {1}).mul(clean).mean();
  }

  /**
   * Trains a task beside its anchor.
   *
   * @param anchor the network as it was; none at the first task
   */
  private record Anchored(double lambda, Optional<Net> anchor, Memory memory)
      implements TaskLesson {
    @Override
    public Net.Loss loss(Step step) {
      NDArray images = step.batch().images();
      Optional<NDArray> said = anchor.map(net -> net.forward(Mode.EVAL, images).logits());
      return Net.Loss.of(
          images,
          (out, weights) -> {
            NDArray own = Ops.crossEntropy(out.logits(), step.batch().labels());
            return said.map(logits ->
                    own.add(
                        Ops.scaled(
                            distance(logits, out.logits(), step.batch().poisoned()), lambda)))
                .orElse(own);
          });
    }

    @Override
    public void close() {
      anchor.ifPresent(Net::close);
    }
  }
}
