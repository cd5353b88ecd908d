package dev.palimpsest.methods.measures;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Map;

/**
 * The largest eigenvalue of the Hessian H of a loss by power iteration, an iteration a step.
 *
 * <p>The iteration comes to rest at the eigenvalue of largest magnitude. If that one is negative,
 * which a network that is not yet trained to a minimum may have, it begins anew with H plus that
 * magnitude times the identity, all of whose eigenvalues are at least 0.
 *
 * <p>H v is (g(w + h v) - g(w - h v)) / 2h with |v| = 1 and h = 1e-4, so the network must compute
 * in double precision. Where a rectifier bends within h, the bend counts as curvature.
 */
public final class HessianEigenvalue implements Stepwise {
  private static final double H = 1e-4;
  private static final String VECTOR = "vector";
  private static final String COUNT = "count";
  private static final String VALUES = "values";

  private final MeanLoss loss;
  private final int iterations;
  private final double tolerance;
  private final Randomness randomness;
  private NDArray vector;
  private long done;

  /** Iterations done when the present one began. */
  private long begun;

  private double shift;
  private double value;
  private double residual;
  private boolean converged;

  private HessianEigenvalue(
      MeanLoss loss, int iterations, double tolerance, Randomness randomness) {
    this.loss = loss;
    this.iterations = iterations;
    this.tolerance = tolerance;
    this.randomness = randomness;
    this.vector = drawn("first");
  }

  /**
   * Begins; the network is as it was after each step.
   *
   * @param iterations at most
   * @param tolerance the relative change of the value from one iteration to the next that ends it
   * @param randomness of the direction to begin with
   */
  public static HessianEigenvalue of(
      MeanLoss loss, int iterations, double tolerance, Randomness randomness) {
    if (loss.net().precision() != Precision.F64) {
      throw new IllegalArgumentException("differences of gradients need double precision");
    }
    return new HessianEigenvalue(loss, iterations, tolerance, randomness);
  }

  private NDArray drawn(String which) {
    double[] direction = Sharpness.direction(loss.net().size(), randomness.stream(which));
    return loss.net().compute().array(Tensor.of(direction, direction.length));
  }

  /** The newest estimate, v'Hv. */
  public double value() {
    return value;
  }

  /** |Hv - value v| of the newest estimate: some eigenvalue is no further from it. */
  public double residual() {
    return residual;
  }

  /** Whether the value came to rest before the iterations ran out. */
  public boolean converged() {
    return converged;
  }

  @Override
  public long total() {
    return converged ? done : iterations;
  }

  @Override
  public long done() {
    return done;
  }

  @Override
  public Progress step() {
    try (Scope scope = Scope.open()) {
      NDArray product = product();
      double now = dot(vector, product);
      residual = norm(product.sub(Ops.scaled(vector, now)));
      product.addi(Ops.scaled(vector, shift));
      double length = norm(product);
      if (!Double.isFinite(length)) {
        throw new Failure("the loss is not finite beside the network: its weights are too large.");
      }
      boolean rests =
          length == 0 || (done > begun && Math.abs(now - value) <= tolerance * Math.abs(now));
      value = now;
      if (rests && value < 0 && shift == 0) {
        shift = -value;
        begun = done + 1;
        become(scope.keep(drawn("shifted")));
      } else if (length > 0) {
        converged = rests;
        become(scope.keep(Ops.scaled(product, 1 / length)));
      } else {
        converged = true;
      }
    }
    done++;
    return new Progress(
        done, total(), (int) done, (int) total(), true, Map.of("eigenvalue", value));
  }

  private void become(NDArray next) {
    vector.close();
    vector = next;
  }

  private NDArray product() {
    NDArray weights = loss.net().weights();
    NDArray before = weights.duplicate();
    NDArray away = Ops.scaled(vector, H);
    weights.addi(away);
    NDArray ahead = loss.gradient();
    weights.set(new NDIndex(":"), before.sub(away));
    NDArray behind = loss.gradient();
    weights.set(new NDIndex(":"), before);
    return ahead.sub(behind).divi(2 * H);
  }

  private static double norm(NDArray vector) {
    return Math.sqrt(dot(vector, vector));
  }

  private static double dot(NDArray one, NDArray other) {
    return one.mul(other).sum().getDouble();
  }

  @Override
  public long gradientEvaluations() {
    return 2 * done * loss.size();
  }

  @Override
  public Tensors state() {
    return new Tensors.Builder()
        .put(VECTOR, Compute.tensor(vector))
        .put(COUNT, Tensor.of(new long[] {done, begun, converged ? 1 : 0}, 3))
        .put(VALUES, Tensor.of(new double[] {value, residual, shift}, 3))
        .build();
  }

  @Override
  public void restore(Tensors state) {
    Tensor saved = state.get(VECTOR);
    if (saved.elements() != loss.net().size()) {
      throw new Mistake(
          "the saved state belongs to a network of "
              + saved.elements()
              + " parameters; this one has "
              + loss.net().size()
              + ".");
    }
    vector.close();
    vector = loss.net().compute().array(saved);
    done = state.get(COUNT).longs()[0];
    begun = state.get(COUNT).longs()[1];
    converged = state.get(COUNT).longs()[2] == 1;
    value = state.get(VALUES).doubles()[0];
    residual = state.get(VALUES).doubles()[1];
    shift = state.get(VALUES).doubles()[2];
  }

  @Override
  public void close() {
    vector.close();
  }
}
