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
 * Learning without forgetting: on the new task's images the network keeps what it said of the past
 * classes when the task began. Loss = cross-entropy among the classes seen so far - alpha mean_i
 * sum_c q_ic log p_ic over past classes c, with p and q the new and the old softmax at temperature
 * T; no factor T^2, as in the reference implementation (mammoth's {@code lwf}).
 *
 * <p>Differences from the reference: the old logits are those of the augmented batch at hand, from
 * a frozen twin with its running statistics, instead of being recorded once for unvaried images;
 * and the new classes' rows are not warmed up before the task. Nothing is kept between tasks.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Lwf implements Learner<Lwf.Parameters> {
  /** The distillation's weight and temperature. */
  public record Parameters(
      @Param(help = "weight of the distillation", value = "0.5", min = 0) double alpha,
      @Param(
              help = "temperature; the higher, the more the unlikely classes count",
              value = "2",
              min = 0.01,
              max = 1000)
          double temperature) {}

  @Override
  public String name() {
    return "lwf";
  }

  @Override
  public String summary() {
    return "Learning without forgetting: the former network teaches the past classes.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "li2016lwf",
        "Zhizhong Li and Derek Hoiem",
        "Learning without Forgetting",
        "European Conference on Computer Vision (ECCV)",
        2016);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public TaskLesson lesson(Parameters parameters, TaskContext context) {
    Task task = context.task();
    return new Distilling(
        parameters,
        task,
        task.known() == 0 ? Optional.empty() : Optional.of(context.net().twin()),
        context.memory());
  }

  /** The distillation of the past classes [n, past] into the new logits of the same: a scalar. */
  private static NDArray distillation(NDArray logits, NDArray old, double temperature) {
    NDArray target = Ops.scaled(old, 1 / temperature).softmax(1);
    return target
        .mul(Ops.scaled(logits, 1 / temperature).logSoftmax(1))
        .sum(new int[] {1})
        .mean()
        .neg();
  }

  /**
   * Trains a task beside a teacher.
   *
   * @param teacher the network as it was; none at the first task
   */
  private record Distilling(Parameters parameters, Task task, Optional<Net> teacher, Memory memory)
      implements TaskLesson {
    @Override
    public Net.Loss loss(Step step) {
      NDArray images = step.batch().images();
      String seen = ":, 0:" + task.seen();
      String past = ":, 0:" + task.known();
      Optional<NDArray> old = teacher.map(net -> net.forward(Mode.EVAL, images).logits().get(past));
      return Net.Loss.of(
          images,
          (out, weights) -> {
            NDArray logits = out.logits();
            NDArray own = Ops.crossEntropy(logits.get(seen), step.batch().labels());
            return old.map(target ->
                    Ops.scaled(
                            distillation(logits.get(past), target, parameters.temperature()),
                            parameters.alpha())
                        .add(own))
                .orElse(own);
          });
    }

    @Override
    public void close() {
      teacher.ifPresent(Net::close);
    }
  }
}
