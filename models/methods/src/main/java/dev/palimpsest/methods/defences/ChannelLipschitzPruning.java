package dev.palimpsest.methods.defences;

import ai.djl.ndarray.NDArray;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.OneStep;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.ejml.concurrency.EjmlConcurrency;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.NormOps_DDRM;

/**
 * Channel Lipschitzness based pruning: in each layer the channels whose Lipschitz constant is bound
 * to be far above the layer's others are taken out. The bound of a channel is |gamma| /
 * sqrt(variance + 1e-5) of its batch normalisation times the largest singular value of its filter,
 * taken as a matrix [in, k k]; far is above mean + u times the standard deviation (of a sample) of
 * the layer's bounds. A channel is out when its gamma and beta are zero.
 *
 * <p>As in the reference, a normalisation belongs to the convolution that stands last before it in
 * the state dict; one that no convolution of as many channels precedes is left alone. The reference
 * leaves the 1e-5 out, so that a channel that never varies shields its whole layer.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class ChannelLipschitzPruning implements Defence<ChannelLipschitzPruning.Parameters> {
  static {
    // One thread, so that sums have one order.
    EjmlConcurrency.USE_CONCURRENT = false;
  }

  private static final double EPSILON = 1e-5;
  private static final String VARIANCE = ".running_var";

  /** How far a channel must stand out. */
  public record Parameters(
      @Param(
              help = "standard deviations above the layer's mean from which a channel is out",
              value = "3",
              min = 0)
          double u) {}

  @Override
  public String name() {
    return "clp";
  }

  @Override
  public String summary() {
    return "Channel Lipschitzness based pruning: channels that amplify too much are taken out.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "zheng2022clp",
        "Runkai Zheng and Rongjun Tang and Jianze Li and Li Liu",
        "Data-free Backdoor Removal based on Channel Lipschitzness",
        "European Conference on Computer Vision (ECCV)",
        2022);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public DefenderData data() {
    return DefenderData.NONE;
  }

  @Override
  public Stepwise start(Parameters parameters, DefenceContext context) {
    return new OneStep(() -> Map.of("pruned", (double) prune(context.net(), parameters.u())));
  }

  /** Takes channels out; how many. */
  private static int prune(Net net, double u) {
    net.requireFinite("before pruning");
    Tensors state = net.state();
    int pruned = 0;
    int layers = 0;
    Optional<Tensor> convolution = Optional.empty();
    for (Map.Entry<String, Tensor> entry : state.tensors().entrySet()) {
      Tensor tensor = entry.getValue();
      if (tensor.shape().length == 4) {
        convolution = Optional.of(tensor);
      } else if (entry.getKey().endsWith(VARIANCE)
          && convolution.filter(c -> c.shape()[0] == tensor.shape()[0]).isPresent()) {
        String name = entry.getKey().substring(0, entry.getKey().length() - VARIANCE.length());
        pruned += prune(net, name, bounds(convolution.get(), state, name), u);
        layers++;
      }
    }
    if (layers == 0) {
      throw new Mistake(
          "the network has no convolution with batch normalisation behind it; expected one whose"
              + " channels can be compared.");
    }
    return pruned;
  }

  private static double[] bounds(Tensor convolution, Tensors state, String name) {
    double[] bounds = spectralNorms(convolution);
    double[] gamma = doubles(state.get(name + ".weight"));
    double[] variance = doubles(state.get(name + VARIANCE));
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] *= Math.abs(gamma[i]) / Math.sqrt(variance[i] + EPSILON);
    }
    return bounds;
  }

  /** The largest singular value of each filter: [out,in,k,k] as matrices [in, k k] to [out]. */
  static double[] spectralNorms(Tensor filters) {
    long[] shape = filters.shape();
    int rows = (int) shape[1];
    int columns = (int) (shape[2] * shape[3]);
    double[] values = doubles(filters);
    double[] norms = new double[(int) shape[0]];
    for (int i = 0; i < norms.length; i++) {
      int from = i * rows * columns;
      double[] filter = Arrays.copyOfRange(values, from, from + rows * columns);
      norms[i] = NormOps_DDRM.inducedP2(new DMatrixRMaj(rows, columns, true, filter));
    }
    return norms;
  }

  private static double[] doubles(Tensor tensor) {
    if (tensor.type() == Tensor.Type.F64) {
      return tensor.doubles();
    }
    float[] floats = tensor.floats();
    return IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray();
  }

  private static int prune(Net net, String name, double[] bounds, double u) {
    double mean = 0;
    for (double bound : bounds) {
      mean += bound / bounds.length;
    }
    double squares = 0;
    for (double bound : bounds) {
      squares += (bound - mean) * (bound - mean);
    }
    double most = mean + u * Math.sqrt(squares / Math.max(1, bounds.length - 1));
    double[] kept = new double[bounds.length];
    int pruned = 0;
    for (int i = 0; i < bounds.length; i++) {
      kept[i] = bounds[i] > most ? 0 : 1;
      pruned += bounds[i] > most ? 1 : 0;
    }
    for (String parameter : List.of(name + ".weight", name + ".bias")) {
      try (Selection part = Selection.of(net, List.of(parameter));
          Scope scope = Scope.open()) {
        NDArray mask = net.compute().manager().create(kept).toType(net.precision().type(), false);
        part.put(net.weights(), part.of(net.weights()).mul(mask));
      }
    }
    return pruned;
  }
}
