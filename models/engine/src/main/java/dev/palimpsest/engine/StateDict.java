package dev.palimpsest.engine;

import ai.djl.ndarray.types.Shape;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Layout.Role;
import dev.palimpsest.engine.Layout.Slot;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.List;

/** A network's values by name, as PyTorch names them, and in the vectors of a {@link Layout}. */
record StateDict(Layout layout) {
  /** What is learned, out of the vector of all parameters. */
  Tensors parameters(Tensor vector) {
    var named = new Tensors.Builder();
    for (Slot slot : layout.of(Role.PARAMETER)) {
      named.put(slot.name(), slice(vector, slot));
    }
    return named.build();
  }

  /** Everything, in torch's order. */
  Tensors state(Tensor parameters, Tensor buffers, long[] counts) {
    var state = new Tensors.Builder();
    for (Slot slot : layout.slots().values()) {
      state.put(
          slot.name(),
          switch (slot.role()) {
            case PARAMETER -> slice(parameters, slot);
            case BUFFER -> slice(buffers, slot);
            case COUNTER -> Tensor.of(new long[] {counts[slot.offset()]});
          });
    }
    return state.build();
  }

  /** The vector of a role out of what is given by name. */
  double[] values(Role role, Tensors named) {
    double[] values = new double[layout.length(role)];
    for (Slot slot : layout.of(role)) {
      copy(named.get(slot.name()), values, slot.offset());
    }
    return values;
  }

  /** The batches that each normalisation has seen; 0 where that is not given. */
  long[] counts(Tensors state) {
    long[] counts = new long[layout.length(Role.COUNTER)];
    for (Slot slot : layout.of(Role.COUNTER)) {
      Tensor count = state.tensors().get(slot.name());
      counts[slot.offset()] = count == null ? 0 : count.longs()[0];
    }
    return counts;
  }

  /** With rows of zeros for what a classifier of fewer classes lacks. */
  Tensors padded(Tensors named) {
    var padded = new Tensors.Builder();
    named
        .tensors()
        .forEach((name, tensor) -> {
          Slot slot = layout.slots().get(name);
          padded.put(name, slot == null ? tensor : tensor.withRows(slot.shape().get(0)));
        });
    return padded.build();
  }

  /**
   * Throws unless all of these roles is given, but for counters, and nothing else.
   *
   * @param what what the tensors are, for the sentence ({@code the checkpoint})
   * @throws Mistake naming the entry that is missing, superfluous, or of another shape or type
   */
  void require(String what, Tensors given, Role... roles) {
    List<Role> wanted = Arrays.asList(roles);
    for (Slot slot : layout.slots().values()) {
      if (wanted.contains(slot.role())) {
        require(what, given, slot);
      }
    }
    for (String name : given.tensors().keySet()) {
      Slot slot = layout.slots().get(name);
      if (slot == null || !wanted.contains(slot.role())) {
        throw new Mistake(what + " has '" + name + "', which this network has not.");
      }
    }
  }

  private static void require(String what, Tensors given, Slot slot) {
    boolean counter = slot.role() == Role.COUNTER;
    Tensor tensor = given.tensors().get(slot.name());
    if (tensor == null) {
      if (counter) {
        return;
      }
      throw new Mistake(what + " lacks '" + slot.name() + "', which this network has.");
    }
    String named = "in " + what + " '" + slot.name() + "' ";
    if (!new Shape(tensor.shape()).equals(slot.shape())) {
      throw new Mistake(
          named
              + "has shape "
              + Arrays.toString(tensor.shape())
              + "; this network expects "
              + Arrays.toString(slot.shape().getShape())
              + ".");
    }
    List<Tensor.Type> types =
        counter ? List.of(Tensor.Type.I64) : List.of(Tensor.Type.F32, Tensor.Type.F64);
    if (!types.contains(tensor.type())) {
      throw new Mistake(
          named
              + "is of type "
              + tensor.type()
              + "; expected "
              + (counter ? "I64." : "F32 or F64."));
    }
  }

  private static Tensor slice(Tensor all, Slot slot) {
    int bytes = all.type().bytes();
    return new Tensor(
        all.type(),
        slot.shape().getShape(),
        all.data().slice(slot.offset() * bytes, slot.length() * bytes));
  }

  private static void copy(Tensor from, double[] to, int offset) {
    if (from.type() == Tensor.Type.F64) {
      double[] values = from.doubles();
      System.arraycopy(values, 0, to, offset, values.length);
    } else {
      float[] values = from.floats();
      for (int i = 0; i < values.length; i++) {
        to[offset + i] = values[i];
      }
    }
  }
}
