package dev.palimpsest.methods.measures;

import com.fasterxml.jackson.annotation.JsonValue;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The loss on the straight line from one network, alpha 0, to another, alpha 1: (1 - alpha) A +
 * alpha B for every parameter. A barrier on the way tells that the two lie in different basins.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class LinearInterpolation implements StageMeasure<LinearInterpolation.Parameters> {
  /** The line. */
  public record Parameters(
      @Param(help = "points on the line, ends included", value = "21", min = 2, max = 1001)
          int points,
      @Param(
              help = "alpha of the first point; 0 is the network 'from'",
              value = "0",
              min = -10,
              max = 10)
          double first,
      @Param(
              help = "alpha of the last point; 1 is the network 'to'",
              value = "1",
              min = -10,
              max = 10)
          double last,
      @Param(
              help =
                  "batch normalisation's running statistics: interpolated like the weights, or re-estimated at each point from the images 'statistics'",
              value = "\"interpolated\"")
          Statistics statistics,
      @Param(help = "test images, drawn; 0: all", value = "0", min = 0) int images) {
    public Parameters {
      if (first >= last) {
        throw new Mistake(
            "the line runs from alpha " + first + " to " + last + "; expected first below last.");
      }
    }

    /** The points, ascending; the ends are exact. */
    public double[] alphas() {
      return IntStream.range(0, points)
          .mapToDouble(i -> (first * (points - 1 - i) + last * i) / (points - 1))
          .toArray();
    }
  }

  /** Where running statistics come from. */
  public enum Statistics {
    /** (1 - alpha) A + alpha B, as for the weights. */
    INTERPOLATED,
    /** From data, with the weights of each point. */
    REESTIMATED;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public String name() {
    return "linear-interpolation";
  }

  @Override
  public String summary() {
    return "Loss and accuracy on the straight line between two networks.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "frankle2020linear",
        "Jonathan Frankle and Gintare Karolina Dziugaite and Daniel Roy and Michael Carbin",
        "Linear Mode Connectivity and the Lottery Ticket Hypothesis",
        "International Conference on Machine Learning (ICML)",
        2020);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  /**
   * The state dict between two of the same entries. Counts are cut to whole numbers, as torch does
   * when it loads them.
   *
   * @throws Mistake if entries differ, or a running variance is below 0, which happens beyond the
   *     ends
   */
  public static Tensors between(Tensors from, Tensors to, double alpha) {
    var mixed = new Tensors.Builder();
    from.tensors()
        .forEach((name, one) -> {
          Tensor other = to.get(name);
          if (one.type() != other.type() || !Arrays.equals(one.shape(), other.shape())) {
            throw new Mistake(
                "'"
                    + name
                    + "' is "
                    + one.type()
                    + Arrays.toString(one.shape())
                    + " at one end and "
                    + other.type()
                    + Arrays.toString(other.shape())
                    + " at the other; expected two networks of one architecture.");
          }
          mixed.put(name, between(name, one, other, alpha));
        });
    return mixed.build();
  }

  private static Tensor between(String name, Tensor one, Tensor other, double alpha) {
    if (one.type() == Tensor.Type.I64) {
      long[] counts = one.longs();
      long[] others = other.longs();
      for (int i = 0; i < counts.length; i++) {
        counts[i] = (long) ((1 - alpha) * counts[i] + alpha * others[i]);
      }
      return Tensor.of(counts, one.shape());
    }
    double[] values = Values.of(one);
    double[] others = Values.of(other);
    for (int i = 0; i < values.length; i++) {
      values[i] = (1 - alpha) * values[i] + alpha * others[i];
      if (values[i] < 0 && name.endsWith("running_var")) {
        throw new Mistake(
            "at alpha "
                + alpha
                + " the interpolated '"
                + name
                + "' is below 0, which no variance is; set statistics to reestimated, or keep"
                + " alpha between 0 and 1.");
      }
    }
    return Values.like(one, values);
  }

  /**
   * The points of a line, for a network that is moved along it.
   *
   * @param statistics images to re-estimate running statistics from; empty: interpolated
   * @param step called before each batch of them
   */
  public static Survey.Points points(
      Net net,
      Tensors from,
      Tensors to,
      double[] alphas,
      Optional<Images> statistics,
      Runnable step) {
    Tensors end = statistics.isPresent() ? withStatisticsOf(from, to) : to;
    return new Survey.Points() {
      @Override
      public int size() {
        return alphas.length;
      }

      @Override
      public void visit(int point) {
        net.load(between(from, end, alphas[point]));
        statistics.ifPresent(images -> RunningStatistics.estimate(net, images, step));
      }

      @Override
      public void close() {}
    };
  }

  /** The weights of {@code to}; statistics are re-estimated anyway, so those of {@code from} do. */
  private static Tensors withStatisticsOf(Tensors from, Tensors to) {
    var mixed = new Tensors.Builder();
    to.tensors()
        .forEach((name, tensor) ->
            mixed.put(name, name.contains(".running_") ? from.get(name) : tensor));
    return mixed.build();
  }
}
