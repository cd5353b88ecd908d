package dev.palimpsest.methods.attacks;

import dev.palimpsest.tensors.Tensors;

/** Tensors inside others, each under a prefix. */
final class States {
  private States() {}

  static void put(Tensors.Builder state, String prefix, Tensors part) {
    part.tensors().forEach((name, tensor) -> state.put(prefix + name, tensor));
  }

  static Tensors under(String prefix, Tensors state) {
    var part = new Tensors.Builder();
    state
        .tensors()
        .forEach((name, tensor) -> {
          if (name.startsWith(prefix)) {
            part.put(name.substring(prefix.length()), tensor);
          }
        });
    return part.build();
  }
}
