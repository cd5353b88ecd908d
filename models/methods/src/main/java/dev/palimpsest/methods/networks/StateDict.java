package dev.palimpsest.methods.networks;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.List;

/** A state dict from elsewhere, held against the network that it is said to be of. */
public final class StateDict {
  private StateDict() {}

  /**
   * The state dict in the network's own order and in single precision, without metadata.
   *
   * @param network with its parameters filled in
   * @param classes how many logits
   * @param image one image's shape: channels, height, width
   * @throws Mistake naming the tensor that is missing, superfluous, of another shape or type, or
   *     holds a value that is not finite
   */
  public static Tensors checked(
      Methods methods, Choice network, int classes, List<Long> image, Tensors given) {
    given.tensors().forEach(StateDict::checkFinite);
    Network<?> architecture = methods.get(Kind.NETWORK, network.method(), Network.class);
    long[] shape = image.stream().mapToLong(Long::longValue).toArray();
    try (Compute compute = Compute.open("cpu", 1);
        Net net =
            Net.loaded(
                compute,
                Precision.F32,
                forward(methods, architecture, network, classes),
                given,
                shape)) {
      return net.state();
    }
  }

  private static <P extends Record> Forward forward(
      Methods methods, Network<P> architecture, Choice network, int classes) {
    return architecture.forward(methods.bind(architecture, network), classes);
  }

  private static void checkFinite(String name, Tensor tensor) {
    boolean finite =
        switch (tensor.type()) {
          case F32 -> {
            boolean all = true;
            for (float value : tensor.floats()) {
              all &= Float.isFinite(value);
            }
            yield all;
          }
          case F64 -> {
            boolean all = true;
            for (double value : tensor.doubles()) {
              all &= Float.isFinite((float) value);
            }
            yield all;
          }
          default -> true;
        };
    if (!finite) {
      throw new Mistake(
          "tensor '" + name + "' holds a value that is not finite; expected finite weights.");
    }
  }
}
