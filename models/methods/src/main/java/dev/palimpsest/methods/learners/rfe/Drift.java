package dev.palimpsest.methods.learners.rfe;

import dev.palimpsest.engine.Net;
import dev.palimpsest.tensors.Tensors;
import java.util.Set;

/** The running statistics of a network whose weights stay. */
final class Drift {
  private Drift() {}

  /** The entries of the state dict that are no parameters. */
  static Tensors of(Net net) {
    Set<String> parameters = net.byParameter(net.weights()).tensors().keySet();
    var statistics = new Tensors.Builder();
    net.state()
        .tensors()
        .forEach((name, tensor) -> {
          if (!parameters.contains(name)) {
            statistics.put(name, tensor);
          }
        });
    return statistics.build();
  }

  /** Gives a network these statistics; those that it has where there are none. */
  static void restore(Net net, Tensors statistics) {
    var state = new Tensors.Builder();
    net.state()
        .tensors()
        .forEach((name, own) -> state.put(name, statistics.tensors().getOrDefault(name, own)));
    net.load(state.build());
  }
}
