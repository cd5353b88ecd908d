package dev.palimpsest.methods.learners;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Optional;

/**
 * Memory aware synapses: loss + lambda sum_i Omega_i (w_i - w*_i)^2, where a weight matters as much
 * as the outputs feel it. After a task Omega grows by the mean over its samples of |d ||f(x)||^2 /
 * dw|, with f the logits of the classes seen so far and running statistics in use, and w* becomes
 * w. It needs no labels.
 *
 * <p>The global form of the paper (section 4.1, with the squared norm in place of each output's
 * gradient); sample by sample, where the authors' code takes a batch's mean before the absolute
 * value.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Mas implements Learner<Mas.Parameters> {
  private static final String OMEGA = "omega";

  /** The penalty's weight, and how importances are estimated. */
  public record Parameters(
      @Param(
              help = "weight of the penalty; means something only with the importances' scale",
              value = "1",
              min = 0)
          double lambda,
      @Param(
              help = "samples of a task for its importances, at most; 0: all",
              value = "600",
              min = 0)
          int samples) {}

  @Override
  public String name() {
    return "mas";
  }

  @Override
  public String summary() {
    return "Memory aware synapses: weights that the outputs feel are held; needs no labels.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "aljundi2018mas",
        "Rahaf Aljundi and Francesca Babiloni and Mohamed Elhoseiny and Marcus Rohrbach and Tinne"
            + " Tuytelaars",
        "Memory Aware Synapses: Learning what (not) to forget",
        "European Conference on Computer Vision (ECCV)",
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
        QuadraticPenalty.of(parameters.lambda(), OMEGA, context.net(), context.memory()),
        context.memory());
  }

  /** Adds the task's importances to those of the former ones, and moves the anchor. */
  @Override
  public Consolidation consolidation(Parameters parameters, TaskContext context) {
    Importance omega = importance(context, parameters.samples());
    return Consolidation.after(
        omega, () -> QuadraticPenalty.inOne(context, OMEGA, 1, omega.mean()));
  }

  private static Importance importance(TaskContext context, int most) {
    Net net = context.net();
    String seen = ":, 0:" + context.task().seen();
    return new Importance(
        "the sensitivity of the outputs",
        net,
        context.data(),
        Importance.samples(context, most),
        1,
        (out, batch) -> out.logits().get(seen).square().sum(new int[] {1}));
  }

  @Override
  public Optional<String> warning(Parameters parameters, Memory memory, Sgd.Settings sgd) {
    return QuadraticPenalty.warning(
        name(), "lambda", parameters.lambda(), Importance.largest(memory.part(OMEGA)), sgd);
  }
}
