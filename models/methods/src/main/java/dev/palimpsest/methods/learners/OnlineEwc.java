package dev.palimpsest.methods.learners;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Optional;

/**
 * Online elastic weight consolidation: loss + lambda sum_i F_i (w_i - w*_i)^2 with one Fisher
 * information and one anchor, however many tasks there were. After a task F becomes gamma F plus
 * the task's, and w* the weights then; no factor 1/2, as in the reference implementation (mammoth's
 * {@code ewc_on}). The paper normalises each task's Fisher information; the reference does not, and
 * neither does this.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class OnlineEwc implements Learner<OnlineEwc.Parameters> {
  private static final String FISHER = "fisher";

  /** The penalty's weight, how former tasks fade, and how the Fisher information is estimated. */
  public record Parameters(
      @Param(
              help = "weight of the penalty; means something only with the Fisher's scale",
              value = "10",
              min = 0)
          double lambda,
      @Param(
              help = "what is left of the former tasks' Fisher information after a further task",
              value = "1",
              min = 0,
              max = 1)
          double gamma,
      @Param(
              help = "samples of a task for its Fisher information, at most; 0: all",
              value = "600",
              min = 0)
          int samples) {}

  @Override
  public String name() {
    return "online-ewc";
  }

  @Override
  public String summary() {
    return "Elastic weight consolidation with one fading Fisher information for all former tasks.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "schwarz2018progress",
        "Jonathan Schwarz and Wojciech Czarnecki and Jelena Luketina and Agnieszka"
            + " Grabska-Barwinska and Yee Whye Teh and Razvan Pascanu and Raia Hadsell",
        "Progress & Compress: A scalable framework for continual learning",
        "International Conference on Machine Learning (ICML)",
        2018);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public boolean needsMemory() {
    return true;
  }

  @Override
  public TaskLesson lesson(Parameters parameters, TaskContext context) {
    return TaskLesson.of(
        QuadraticPenalty.of(parameters.lambda(), FISHER, context.net(), context.memory()),
        context.memory());
  }

  /**
   * Adds the task's Fisher information to what is left of the former ones, and moves the anchor.
   */
  @Override
  public Consolidation consolidation(Parameters parameters, TaskContext context) {
    Importance fisher = FisherInformation.of(context, parameters.samples());
    return Consolidation.after(
        fisher, () -> QuadraticPenalty.inOne(context, FISHER, parameters.gamma(), fisher.mean()));
  }

  @Override
  public Optional<String> warning(Parameters parameters, Memory memory, Sgd.Settings sgd) {
    return QuadraticPenalty.warning(
        name(), "lambda", parameters.lambda(), Importance.largest(memory.part(FISHER)), sgd);
  }
}
