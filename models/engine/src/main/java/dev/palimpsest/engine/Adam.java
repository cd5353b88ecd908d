package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Adam (Kingma and Ba, ICLR 2015) on a vector, by torch's formula.
 *
 * <p>d = g + wd w; m = b1 m + (1 - b1) d; v = b2 v + (1 - b2) d^2; w -= lr / (1 - b1^t) m /
 * (sqrt(v) / sqrt(1 - b2^t) + eps), with m = v = 0 before step t = 1.
 *
 * <p>The vector may be cut into spans that step on their own: a span without a gradient in a step
 * keeps its weights, its moments and its count t, as a parameter whose gradient is None in torch.
 */
public final class Adam implements Optimiser {
  private static final String FIRST = "first";
  private static final String SECOND = "second";
  private static final String STEPS = "steps";

  /**
   * The constants.
   *
   * @param rate learning rate of the first epoch
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root of the second moment
   * @param weightDecay L2 penalty that is added to the gradient
   */
  public record Settings(
      double rate, double beta1, double beta2, double epsilon, double weightDecay)
      implements Optimiser.Settings {
    /** Torch's defaults. */
    public static Settings of(double rate) {
      return new Settings(rate, 0.9, 0.999, 1e-8, 0);
    }

    @Override
    public Adam start() {
      return new Adam(this);
    }
  }

  /**
   * A part of the vector.
   *
   * @param from its first element
   * @param to the element after its last
   */
  public record Span(String name, long from, long to) {}

  private final Settings settings;
  private final List<Span> spans;
  private final SequencedMap<String, Long> steps = new LinkedHashMap<>();
  private @Nullable NDArray first;
  private @Nullable NDArray second;

  /** One span: the whole vector. */
  public Adam(Settings settings) {
    this(settings, List.of(new Span("all", 0, Long.MAX_VALUE)));
  }

  /** Spans that step on their own; what lies in none of them stays as it is. */
  public Adam(Settings settings, List<Span> spans) {
    this.settings = settings;
    this.spans = List.copyOf(spans);
    for (Span span : spans) {
      if (steps.putIfAbsent(span.name(), 0L) != null) {
        throw new IllegalArgumentException("two spans are named '" + span.name() + "'");
      }
    }
  }

  @Override
  public void step(NDArray weights, NDArray gradient, double rate) {
    step(weights, gradient, rate, steps.keySet());
  }

  /** Moves the spans of the given names; {@code gradient} counts for nothing in the others. */
  public void step(NDArray weights, NDArray gradient, double rate, Set<String> moved) {
    if (!steps.keySet().containsAll(moved)) {
      var unknown = new HashSet<>(moved);
      unknown.removeAll(steps.keySet());
      throw new IllegalArgumentException("there are no spans " + unknown);
    }
    try (Scope scope = Scope.open()) {
      NDArray m = first == null ? scope.keep(weights.zerosLike()) : first;
      NDArray v = second == null ? scope.keep(weights.zerosLike()) : second;
      first = m;
      second = v;
      for (Span span : spans) {
        if (moved.contains(span.name())) {
          long t = steps.merge(span.name(), 1L, Long::sum);
          step(cut(weights, span), cut(gradient, span), cut(m, span), cut(v, span), rate, t);
        }
      }
    }
  }

  private void step(
      NDArray weights, NDArray gradient, NDArray m, NDArray v, double rate, long step) {
    NDArray d =
        settings.weightDecay() == 0 ? gradient : weights.mul(settings.weightDecay()).addi(gradient);
    m.muli(settings.beta1()).addi(d.mul(1 - settings.beta1()));
    v.muli(settings.beta2()).addi(d.square().muli(1 - settings.beta2()));
    double unbias = StrictMath.sqrt(1 - StrictMath.pow(settings.beta2(), step));
    NDArray scale = v.sqrt().divi(unbias).addi(settings.epsilon());
    double rateNow = rate / (1 - StrictMath.pow(settings.beta1(), step));
    weights.subi(m.div(scale).muli(rateNow));
  }

  /** A view of the span's elements. */
  private static NDArray cut(NDArray vector, Span span) {
    long size = vector.size();
    return span.from() == 0 && span.to() >= size
        ? vector
        : vector.get(span.from() + ":" + Math.min(size, span.to()));
  }

  /** The moments {@code first} and {@code second}, and {@code steps}, I64 [spans]. */
  @Override
  public Tensors state() {
    var state = new Tensors.Builder();
    if (first != null && second != null) {
      state.put(FIRST, Compute.tensor(first));
      state.put(SECOND, Compute.tensor(second));
      long[] counts = steps.values().stream().mapToLong(Long::longValue).toArray();
      state.put(STEPS, Tensor.of(counts, counts.length));
    }
    return state.build();
  }

  @Override
  public void restore(Compute compute, Tensors state) {
    close();
    if (state.tensors().isEmpty()) {
      steps.replaceAll((name, count) -> 0L);
      return;
    }
    long[] counts = state.get(STEPS).longs();
    if (counts.length != spans.size()) {
      throw new Mistake(
          "the saved state counts the steps of "
              + counts.length
              + " spans of weights; this optimiser has "
              + spans.size()
              + ".");
    }
    first = compute.array(state.get(FIRST));
    second = compute.array(state.get(SECOND));
    int i = 0;
    for (Map.Entry<String, Long> count : steps.entrySet()) {
      count.setValue(counts[i++]);
    }
  }

  @Override
  public void close() {
    if (first != null) {
      first.close();
      first = null;
    }
    if (second != null) {
      second.close();
      second = null;
    }
  }
}
