package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Penalty;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The penalty of learners that weigh each parameter: strength times the sum over former tasks of
 * importance (w - anchor)^2.
 *
 * <p>The memory holds {@code IMPORTANCE.K.NAME} and {@code anchor.K.NAME} for each kept task K, or
 * for the newest alone where importances are summed. A classifier that has grown meets importances
 * and anchors of fewer classes: new rows weigh nothing.
 */
public final class QuadraticPenalty implements Penalty {
  static final String ANCHOR = "anchor";

  /** One former task. */
  private record Term(NDArray importance, NDArray anchor) {}

  private final double strength;
  private final List<Term> terms;

  private QuadraticPenalty(double strength, List<Term> terms) {
    this.strength = strength;
    this.terms = terms;
  }

  /**
   * The penalty of a memory; zero while nothing is kept.
   *
   * @param importance what the memory calls it ({@code fisher})
   * @throws Mistake if the memory is of another network
   */
  public static QuadraticPenalty of(double strength, String importance, Net net, Memory memory) {
    var terms = new ArrayList<Term>();
    for (String task : tasks(importance, memory)) {
      terms.add(
          new Term(
              net.padded("the memory's " + importance, memory.part(importance + "." + task)),
              net.padded("the memory's " + ANCHOR, memory.part(ANCHOR + "." + task))));
    }
    return new QuadraticPenalty(strength, terms);
  }

  private static List<String> tasks(String importance, Memory memory) {
    Tensors kept = memory.part(importance);
    int last =
        kept.tensors().keySet().stream()
            .mapToInt(name -> Integer.parseInt(name.substring(0, name.indexOf('.'))))
            .max()
            .orElse(0);
    return IntStream.rangeClosed(1, last)
        .mapToObj(Integer::toString)
        .filter(task -> memory.has(importance + "." + task))
        .toList();
  }

  /**
   * A memory with one term in the place of the former ones: the network's weights as anchor, and
   * decay times the former importance plus the latest.
   *
   * @param importance what the memory calls it ({@code fisher})
   * @throws Mistake if the memory is of another network
   */
  static Memory inOne(TaskContext context, String importance, double decay, Tensors latest) {
    Memory memory = context.memory();
    Tensors sum = latest;
    for (String task : tasks(importance, memory)) {
      sum = Importance.accumulated(memory.part(importance + "." + task), decay, sum);
    }
    String task = "." + context.task().number();
    Net net = context.net();
    return memory
        .without(importance)
        .without(ANCHOR)
        .with(importance + task, sum)
        .with(ANCHOR + task, net.byParameter(net.weights()));
  }

  @Override
  public NDArray added(NDArray loss, Batch batch, Out out, NDArray weights) {
    NDArray sum = loss;
    for (Term term : terms) {
      NDArray pull = weights.sub(term.anchor()).square().mul(term.importance()).sum();
      sum = sum.add(Ops.scaled(pull, strength));
    }
    return sum;
  }

  /** The gradient with that of the penalty, new where there is one. */
  NDArray added(NDArray gradient, NDArray weights) {
    NDArray sum = gradient;
    for (Term term : terms) {
      NDArray pull = weights.sub(term.anchor()).mul(term.importance());
      sum = sum.add(Ops.scaled(pull, 2 * strength));
    }
    return sum;
  }

  /**
   * Gradient descent on strength F (w - w*)^2 alone diverges when lr 2 strength F exceeds 2 (1 +
   * momentum).
   *
   * @param parameter what the learner calls the strength
   * @param largest the largest importance F
   */
  static Optional<String> warning(
      String learner, String parameter, double strength, double largest, Sgd.Settings sgd) {
    double pull = sgd.rate() * 2 * strength * largest;
    double limit = 2 * (1 + sgd.momentum());
    if (pull <= limit) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%1$s with %2$s %3$s may diverge: lr * 2 * %2$s * largest importance = %4$.3g exceeds"
                + " %5$.3g; at this rate and these importances %2$s should be at most %6$.3g.",
            learner,
            parameter,
            strength,
            pull,
            limit,
            limit / (sgd.rate() * 2 * largest)));
  }

  @Override
  public void close() {
    for (Term term : terms) {
      term.importance().close();
      term.anchor().close();
    }
  }
}
