package dev.palimpsest.methods.measures;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensor;
import java.util.List;

/**
 * How sharply the loss bends at a network: the largest eigenvalue of its Hessian (Yao et al. 2020),
 * and how much it rises when the weights are displaced at random by a given length.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Sharpness implements StageMeasure<Sharpness.Parameters> {
  /** How exactly it is measured. */
  public record Parameters(
      @Param(help = "test images, drawn; 0: all", value = "250", min = 0) int images,
      @Param(help = "iterations of the power method at most", value = "50", min = 1, max = 10_000)
          int iterations,
      @Param(
              help = "relative change of the eigenvalue that ends the iteration",
              value = "1e-3",
              min = 0,
              max = 1)
          double tolerance,
      @Param(
              help = "radii rho of the random displacements: lengths over all weights",
              value = "[0.05, 0.5, 1, 2]")
          List<Double> radii,
      @Param(
              help = "random displacements, the same directions for each radius",
              value = "10",
              min = 1,
              max = 10_000)
          int draws) {
    public Parameters {
      radii = List.copyOf(radii);
      if (radii.isEmpty() || !radii.stream().allMatch(rho -> rho > 0 && rho < 1e6)) {
        throw new Mistake(
            "the radii are " + radii + "; expected at least one, each above 0 and below 1e6.");
      }
    }
  }

  @Override
  public String name() {
    return "sharpness";
  }

  @Override
  public String summary() {
    return "Largest eigenvalue of the loss's Hessian, and rise of the loss under random displacement.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "yao2020pyhessian",
        "Zhewei Yao and Amir Gholami and Kurt Keutzer and Michael W. Mahoney",
        "PyHessian: Neural Networks Through the Lens of the Hessian",
        "IEEE International Conference on Big Data",
        2020);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  /**
   * The network itself, point 0, and then radius by radius the points that drawn directions lead
   * to, uniform on the sphere of that radius.
   *
   * @param net is moved in place, from where it is now
   */
  public static Survey.Points displaced(
      Net net, List<Double> radii, int draws, Randomness randomness) {
    NDArray centre = net.weights().duplicate();
    return new Survey.Points() {
      @Override
      public int size() {
        return 1 + radii.size() * draws;
      }

      @Override
      public void visit(int point) {
        try (Scope scope = Scope.open()) {
          NDArray to = centre;
          if (point > 0) {
            double[] away =
                direction(net.size(), randomness.stream("displacement", (point - 1) % draws));
            NDArray moved = net.compute().array(Tensor.of(away, away.length), net.precision());
            to = moved.muli(radii.get((point - 1) / draws)).addi(centre);
          }
          net.weights().set(new NDIndex(":"), to);
        }
      }

      @Override
      public void close() {
        centre.close();
      }
    };
  }

  /** Of length 1. */
  static double[] direction(int size, RandomStream stream) {
    double[] direction = new double[size];
    double squares = 0;
    for (int i = 0; i < size; i++) {
      direction[i] = stream.gaussian();
      squares += direction[i] * direction[i];
    }
    double length = Math.sqrt(squares);
    for (int i = 0; i < size; i++) {
      direction[i] /= length;
    }
    return direction;
  }
}
