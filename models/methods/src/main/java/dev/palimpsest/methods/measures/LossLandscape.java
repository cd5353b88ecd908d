package dev.palimpsest.methods.measures;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import com.fasterxml.jackson.annotation.JsonValue;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The loss on a plane through a network, spanned by two drawn directions that have the network's
 * own scale (Li et al. 2018, section 4). Parameters of one dimension, biases and those of batch
 * normalisation, do not move, and neither do running statistics.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class LossLandscape implements StageMeasure<LossLandscape.Parameters> {
  /** The plane and its picture. */
  public record Parameters(
      @Param(help = "points along each axis, ends included", value = "21", min = 2, max = 201)
          int grid,
      @Param(
              help =
                  "how far the axes reach to both sides, in lengths of the normalised directions",
              value = "1",
              min = 0.001,
              max = 10)
          double range,
      @Param(
              help =
                  "scale of the directions: filter (each output filter as long as the network's, Li et al.), input (each input position over all outputs, the reference implementation of SBL)",
              value = "\"filter\"")
          Normalisation normalisation,
      @Param(help = "test images, drawn; 0: all", value = "1000", min = 0) int images,
      @Param(
              help = "least loss of the colour scale; lesser ones are drawn as it",
              value = "0.01",
              min = 1e-6,
              max = 1e6)
          double low,
      @Param(
              help = "greatest loss of the colour scale; greater ones are drawn as it",
              value = "10",
              min = 1e-6,
              max = 1e6)
          double high) {
    public Parameters {
      if (low >= high) {
        throw new Mistake(
            "the colour scale runs from " + low + " to " + high + "; expected low below high.");
      }
    }

    /** The places along an axis, ascending and symmetric. */
    public double[] places() {
      return IntStream.range(0, grid)
          .mapToDouble(i -> range * (2 * i - (grid - 1)) / (grid - 1))
          .toArray();
    }
  }

  /** Over what a direction gets the length of the weights. */
  public enum Normalisation {
    /** Over all that makes one output: rows of the weight, output by input. */
    FILTER(1e-10),
    /** Over all outputs of one input position: columns of the weight. */
    INPUT(1e-7);

    private final double tiny;

    Normalisation(double tiny) {
      this.tiny = tiny;
    }

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The direction with the lengths of the weight, d ||w|| / (||d|| + tiny) group by group.
     *
     * @param rows the outermost size of the weight
     */
    double[] scaled(int rows, double[] weight, double[] direction) {
      int columns = weight.length / rows;
      int groups = this == FILTER ? rows : columns;
      double[] own = new double[groups];
      double[] wanted = new double[groups];
      for (int i = 0; i < weight.length; i++) {
        int group = this == FILTER ? i / columns : i % columns;
        wanted[group] += weight[i] * weight[i];
        own[group] += direction[i] * direction[i];
      }
      double[] scaled = new double[weight.length];
      for (int i = 0; i < weight.length; i++) {
        int group = this == FILTER ? i / columns : i % columns;
        scaled[i] = Math.sqrt(wanted[group]) / (Math.sqrt(own[group]) + tiny) * direction[i];
      }
      return scaled;
    }
  }

  @Override
  public String name() {
    return "loss-landscape";
  }

  @Override
  public String summary() {
    return "Loss on a plane of two drawn directions through a network.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "li2018landscape",
        "Hao Li and Zheng Xu and Gavin Taylor and Christoph Studer and Tom Goldstein",
        "Visualizing the Loss Landscape of Neural Nets",
        "Advances in Neural Information Processing Systems (NeurIPS)",
        2018);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  /** A direction drawn from {@code randomness}, a stream for each parameter; by parameter name. */
  public static Tensors direction(Net net, Normalisation normalisation, Randomness randomness) {
    var drawn = new Tensors.Builder();
    net.byParameter(net.weights())
        .tensors()
        .forEach((name, weight) -> {
          RandomStream stream = randomness.stream(name);
          double[] values = new double[Math.toIntExact(weight.elements())];
          for (int i = 0; i < values.length; i++) {
            values[i] = stream.gaussian();
          }
          drawn.put(name, Tensor.of(values, weight.shape()));
        });
    return normalised(net, normalisation, drawn.build());
  }

  /** A direction in the network's own scale; zero for parameters of one dimension. */
  public static Tensors normalised(Net net, Normalisation normalisation, Tensors direction) {
    var scaled = new Tensors.Builder();
    net.byParameter(net.weights())
        .tensors()
        .forEach((name, weight) -> {
          long[] shape = weight.shape();
          double[] values =
              shape.length < 2
                  ? new double[Math.toIntExact(weight.elements())]
                  : normalisation.scaled(
                      (int) shape[0], Values.of(weight), Values.of(direction.get(name)));
          scaled.put(name, Tensor.of(values, shape));
        });
    return scaled.build();
  }

  /**
   * The points of a plane, row by row with x fastest: weights + x right + y up.
   *
   * @param net is moved in place, from where it is now
   * @param right by parameter name, as {@code up}
   * @param places along each axis
   */
  public static Survey.Points plane(Net net, Tensors right, Tensors up, double... places) {
    NDArray centre = net.weights().duplicate();
    NDArray x = net.vector("the first direction", right);
    NDArray y = net.vector("the second direction", up);
    return new Survey.Points() {
      @Override
      public int size() {
        return places.length * places.length;
      }

      @Override
      public void visit(int point) {
        try (Scope scope = Scope.open()) {
          NDArray moved =
              Ops.scaled(x, places[point % places.length])
                  .addi(Ops.scaled(y, places[point / places.length]));
          net.weights().set(new NDIndex(":"), moved.addi(centre));
        }
      }

      @Override
      public void close() {
        centre.close();
        x.close();
        y.close();
      }
    };
  }
}
