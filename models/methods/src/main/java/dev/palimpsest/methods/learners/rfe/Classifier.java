package dev.palimpsest.methods.learners.rfe;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Initial;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Pass;
import dev.palimpsest.methods.rectifiers.Heads;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The linear layer that a network ends in: the last matrix among its parameters, with its bias.
 *
 * @param name {@code linear}
 * @param features its inputs
 */
record Classifier(String name, int classes, int features) {
  private static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";

  static Classifier of(Net net) {
    Map.Entry<String, Tensor> last =
        net.byParameter(net.weights()).tensors().entrySet().stream()
            .filter(each -> each.getValue().shape().length == 2)
            .filter(each -> each.getKey().endsWith(WEIGHT))
            .reduce((former, next) -> next)
            .orElseThrow(() -> new IllegalStateException("the network has no linear layer"));
    String name = last.getKey().substring(0, last.getKey().length() - WEIGHT.length());
    long[] shape = last.getValue().shape();
    return new Classifier(name, (int) shape[0], (int) shape[1]);
  }

  Heads heads(Pass pass, List<Heads.Columns> columns) {
    Initial bound = Initial.constant(0);
    return new Heads(
        pass.parameter(name + WEIGHT, bound, classes, features),
        pass.parameter(name + BIAS, bound, classes),
        columns);
  }

  /** A vector that is 1 at the rows of the first classes and 0 elsewhere; the caller closes it. */
  NDArray rows(Net net, int first) {
    var mask = new Tensors.Builder();
    net.byParameter(net.weights())
        .tensors()
        .forEach((parameter, tensor) -> {
          float[] ones = new float[(int) tensor.elements()];
          if (parameter.equals(name + WEIGHT)) {
            Arrays.fill(ones, 0, first * features, 1);
          } else if (parameter.equals(name + BIAS)) {
            Arrays.fill(ones, 0, first, 1);
          }
          mask.put(parameter, Tensor.of(ones, tensor.shape()));
        });
    return net.vector("the mask", mask.build());
  }
}
