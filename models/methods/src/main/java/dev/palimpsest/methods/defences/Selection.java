package dev.palimpsest.methods.defences;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.tensors.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Some parameters of a network, as places in its vector of weights.
 *
 * @param places I64 [k], in the network's order
 */
record Selection(NDArray places) implements AutoCloseable {
  /**
   * The parameters of these names.
   *
   * @throws Mistake naming one that the network has not
   */
  static Selection of(Net net, List<String> names) {
    Map<String, Tensor> parameters = net.byParameter(net.weights()).tensors();
    for (String name : names) {
      if (!parameters.containsKey(name)) {
        throw new Mistake(Names.unknown("parameter of the network", name, parameters.keySet()));
      }
    }
    var wanted = new HashSet<>(names);
    var pieces = new ArrayList<LongStream>();
    long offset = 0;
    for (Map.Entry<String, Tensor> parameter : parameters.entrySet()) {
      long end = offset + parameter.getValue().elements();
      if (wanted.contains(parameter.getKey())) {
        pieces.add(LongStream.range(offset, end));
      }
      offset = end;
    }
    long[] places = pieces.stream().flatMapToLong(piece -> piece).toArray();
    return new Selection(net.compute().array(places));
  }

  /** Their elements of a vector over all parameters: [k]; differentiable. */
  NDArray of(NDArray vector) {
    return vector.gather(places, 0);
  }

  /** Overwrites their elements of a vector over all parameters. */
  void put(NDArray vector, NDArray values) {
    Ops.assign(vector, vector.scatter(places, values, 0));
  }

  @Override
  public void close() {
    places.close();
  }
}
