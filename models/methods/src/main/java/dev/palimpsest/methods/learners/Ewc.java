package dev.palimpsest.methods.learners;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Optional;

/**
 * Elastic weight consolidation: loss + lambda sum_i F_i (w_i - w*_i)^2 for each former task, with
 * its Fisher information F and the weights w* after it; no factor 1/2, as in the reference
 * implementations. It keeps two vectors a task; online EWC keeps two in all.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Ewc implements Learner<Ewc.Parameters> {
  private static final String FISHER = "fisher";

  /** The penalty's weight, and how the Fisher information is estimated. */
  public record Parameters(
      @Param(
              help = "weight of the penalty; means something only with the Fisher's scale",
              value = "1",
              min = 0)
          double lambda,
      @Param(
              help = "samples of a task for its Fisher information, at most; 0: all",
              value = "600",
              min = 0)
          int samples) {}

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
  public boolean needsMemory() {
    return true;
  }

  @Override
  public TaskLesson lesson(Parameters parameters, TaskContext context) {
    return TaskLesson.of(
        QuadraticPenalty.of(parameters.lambda(), FISHER, context.net(), context.memory()),
        context.memory());
  }

  /** Adds the task's Fisher information and the weights after it to those of the former tasks. */
  @Override
  public Consolidation consolidation(Parameters parameters, TaskContext context) {
    Importance fisher = FisherInformation.of(context, parameters.samples());
    String task = "." + context.task().number();
    return Consolidation.after(
        fisher,
        () ->
            context
                .memory()
                .with(FISHER + task, fisher.mean())
                .with(
                    QuadraticPenalty.ANCHOR + task,
                    context.net().byParameter(context.net().weights())));
  }

  /**
   * Gradient descent on lambda F (w - w*)^2 alone diverges when lr 2 lambda F exceeds 2 (1 +
   * momentum).
   */
  @Override
  public Optional<String> warning(Parameters parameters, Memory memory, Sgd.Settings sgd) {
    return QuadraticPenalty.warning(
        "ewc", "lambda", parameters.lambda(), Importance.largest(memory.part(FISHER)), sgd);
  }
}
