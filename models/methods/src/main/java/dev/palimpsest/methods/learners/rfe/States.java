package dev.palimpsest.methods.learners.rfe;

import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.tensors.Tensors;

/** Saved states inside a saved state, each under a name. */
final class States {
  private States() {}

  static void put(Tensors.Builder state, String name, Tensors part) {
    part.tensors().forEach((inner, tensor) -> state.put(name + "." + inner, tensor));
  }

  static Tensors part(Tensors state, String name) {
    return new Memory(state).part(name);
  }
}
