package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensors;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Synaptic intelligence: loss + c sum_i Omega_i (w_i - w*_i)^2, where a weight matters as much as
 * it lowered the loss on its way. While a task is trained, each step adds g (w before - w after) to
 * the path integral of every weight, with g the gradient of the task's loss alone; then Omega grows
 * by integral / ((w - w at the task's start)^2 + xi), and w* becomes w.
 *
 * <p>As in the reference implementation (mammoth's {@code si}), Omega is not clamped at zero, and
 * the gradient to step with, penalty included, is clipped elementwise to [-1, 1] unless told not
 * to. Differences: with SAM, g is SAM's gradient and the penalty, which is added to the gradient
 * and not to the loss, has no part in the ascent; each task begins with a fresh optimiser.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Si implements Learner<Si.Parameters> {
  private static final String OMEGA = "omega";
  private static final String PATH = "path";

  /** The penalty's weight and how importances are made. */
  public record Parameters(
      @Param(help = "weight of the penalty", value = "0.5", min = 0) double c,
      @Param(
              help = "damping: squared way of a weight below which its importance hardly grows",
              value = "1",
              min = 1e-12)
          double xi,
      @Param(
              help = "clip each element of the gradient, penalty included, to [-1, 1]",
              value = "true")
          boolean clip) {}

  @Override
  public String name() {
    return "si";
  }

  @Override
  public String summary() {
    return "Synaptic intelligence: weights that lowered the loss on their way are held.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "zenke2017si",
        "Friedemann Zenke and Ben Poole and Surya Ganguli",
        "Continual Learning Through Synaptic Intelligence",
        "International Conference on Machine Learning (ICML)",
        2017);
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
  public boolean measuresInTraining() {
    return true;
  }

  @Override
  public TaskLesson lesson(Parameters parameters, TaskContext context) {
    return new OnThePath(parameters, context);
  }

  /** A clipped step cannot diverge. */
  @Override
  public Optional<String> warning(Parameters parameters, Memory memory, Sgd.Settings sgd) {
    return parameters.clip()
        ? Optional.empty()
        : QuadraticPenalty.warning(
            name(), "c", parameters.c(), Importance.largest(memory.part(OMEGA)), sgd);
  }

  /** Trains a task and integrates the way of each weight. */
  private static final class OnThePath implements TaskLesson {
    private final Parameters parameters;
    private final TaskContext context;
    private final QuadraticPenalty penalty;
    private final NDArray start;
    private final NDArray path;
    private @Nullable NDArray gradient;
    private @Nullable NDArray before;

    OnThePath(Parameters parameters, TaskContext context) {
      Net net = context.net();
      this.parameters = parameters;
      this.context = context;
      this.penalty = QuadraticPenalty.of(parameters.c(), OMEGA, net, context.memory());
      this.start = net.weights().duplicate();
      this.path = net.weights().zerosLike();
    }

    @Override
    public Net.Loss loss(Step step) {
      return PLAIN.loss(step);
    }

    @Override
    public NDArray adjusted(NDArray taskGradient) {
      gradient = taskGradient;
      before = context.net().weights().duplicate();
      NDArray sum = penalty.added(taskGradient, before);
      return parameters.clip() ? sum.clip(-1, 1) : sum;
    }

    @Override
    public void moved() {
      if (gradient != null && before != null) {
        path.addi(before.sub(context.net().weights()).mul(gradient));
      }
      gradient = null;
      before = null;
    }

    @Override
    public Memory memory() {
      Net net = context.net();
      try (Scope scope = Scope.open()) {
        NDArray way = net.weights().sub(start).square().add(parameters.xi());
        return QuadraticPenalty.inOne(context, OMEGA, 1, net.byParameter(path.div(way)));
      }
    }

    @Override
    public Tensors state() {
      return new Tensors.Builder().put(PATH, Compute.tensor(path)).build();
    }

    @Override
    public void restore(Tensors state) {
      try (Scope scope = Scope.open()) {
        path.subi(path.duplicate()).addi(context.net().compute().array(state.get(PATH)));
      }
    }

    @Override
    public void close() {
      penalty.close();
      start.close();
      path.close();
    }
  }
}
