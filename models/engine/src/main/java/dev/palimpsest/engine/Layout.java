package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Where each named array of a network lies: parameters in one vector, buffers in a second, batch
 * counters in a third.
 */
final class Layout {
  /** What a state-dict entry is. */
  enum Role {
    PARAMETER,
    BUFFER,
    COUNTER
  }

  /**
   * One entry of the state dict.
   *
   * @param offset of its first element in the vector of its role
   */
  record Slot(String name, Role role, int offset, Shape shape, Initial initial) {
    int length() {
      return Math.toIntExact(shape.size());
    }
  }

  private final SequencedMap<String, Slot> slots = new LinkedHashMap<>();
  private final Map<Role, Integer> lengths = new LinkedHashMap<>();

  private Layout() {}

  /** Runs the architecture once on zeros and notes what it asks for. */
  static Layout of(Forward forward, NDManager manager, long... imageShape) {
    var layout = new Layout();
    try (Scope scope = Scope.open()) {
      long[] shape = new long[imageShape.length + 1];
      shape[0] = 1;
      System.arraycopy(imageShape, 0, shape, 1, imageShape.length);
      forward.apply(
          layout.new Declaring(manager), manager.zeros(new Shape(shape), DataType.FLOAT32));
    }
    return layout;
  }

  SequencedMap<String, Slot> slots() {
    return slots;
  }

  /** The entry of this name. */
  Slot slot(String name) {
    Slot slot = slots.get(name);
    if (slot == null) {
      throw new IllegalStateException("the network asks for '" + name + "' in some passes only");
    }
    return slot;
  }

  List<Slot> of(Role role) {
    return slots.values().stream().filter(slot -> slot.role() == role).toList();
  }

  /** Elements in the vector of this role. */
  int length(Role role) {
    return lengths.getOrDefault(role, 0);
  }

  private void add(String name, Role role, Initial initial, long... shape) {
    int offset = length(role);
    var slot = new Slot(name, role, offset, new Shape(shape), initial);
    if (slots.putIfAbsent(name, slot) != null) {
      throw new IllegalStateException("the network asks twice for '" + name + "'");
    }
    lengths.put(role, offset + slot.length());
  }

  /** The pass that writes the layout; its parameters are zeros. */
  private final class Declaring extends Pass {
    private final NDManager manager;

    Declaring(NDManager manager) {
      super(Mode.EVAL);
      this.manager = manager;
    }

    @Override
    public NDArray parameter(String name, Initial initial, long... shape) {
      add(name, Role.PARAMETER, initial, shape);
      return manager.zeros(new Shape(shape), DataType.FLOAT32);
    }

    @Override
    NDArray buffer(String name, double initial, long... shape) {
      add(name, Role.BUFFER, Initial.constant(initial), shape);
      return manager.ones(new Shape(shape), DataType.FLOAT32);
    }

    @Override
    void count(String name) {
      add(name, Role.COUNTER, Initial.constant(0));
    }
  }

  /** The lengths of the parameters, in order. */
  long[] parameterLengths() {
    var lengths = new ArrayList<Long>();
    for (Slot slot : of(Role.PARAMETER)) {
      lengths.add((long) slot.length());
    }
    return lengths.stream().mapToLong(Long::longValue).toArray();
  }
}
