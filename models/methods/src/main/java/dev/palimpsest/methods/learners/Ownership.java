package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Net;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * Which task owns each weight of a network.
 *
 * <p>Convolutions and linear layers are owned weight by weight, the classifier (the last matrix
 * among the parameters) row by row, and what is left (biases, batch normalisation) by the first
 * task. In a memory: {@code owner.NAME} U8 of the parameter's shape, and {@code owner.BIAS} U8
 * [classes] for the classifier's rows; 0 stands for what is free.
 */
final class Ownership {
  private static final String OWNER = "owner";
  private static final int FREE = 0;
  private static final int FIRST = 1;
  private static final int MOST = 255;

  private enum Kind {
    BODY,
    CLASSIFIER,
    SHARED
  }

  /**
   * A parameter.
   *
   * @param from its first place in the vector
   * @param to one past its last
   */
  private record Part(String name, Kind kind, int from, int to, long[] shape) {
    /** The place where a class's row of a classifier begins. */
    int row(int number) {
      return from + number * ((to - from) / (int) shape[0]);
    }

    /** Whether it says whose a classifier's rows are. */
    boolean namesRows() {
      return kind == Kind.CLASSIFIER && shape.length == 1;
    }
  }

  /** Chooses places of the vector. */
  @FunctionalInterface
  private interface Choice {
    boolean takes(Part part, int place);
  }

  private final Net net;
  private final List<Part> parts;
  private final int[] owners;

  private Ownership(Net net) {
    this.net = net;
    this.owners = new int[net.size()];
    this.parts = parts(net.byParameter(net.weights()).tensors());
  }

  private static List<Part> parts(SequencedMap<String, Tensor> parameters) {
    String matrix =
        parameters.reversed().entrySet().stream()
            .filter(parameter -> parameter.getValue().shape().length > 1)
            .findFirst()
            .orElseThrow()
            .getKey();
    String head = matrix.substring(0, matrix.lastIndexOf('.') + 1);
    var parts = new ArrayList<Part>();
    int from = 0;
    for (var parameter : parameters.entrySet()) {
      long[] shape = parameter.getValue().shape();
      Kind unlessHead = shape.length > 1 ? Kind.BODY : Kind.SHARED;
      Kind kind = parameter.getKey().startsWith(head) ? Kind.CLASSIFIER : unlessHead;
      int to = from + Math.toIntExact(parameter.getValue().elements());
      parts.add(new Part(parameter.getKey(), kind, from, to, shape));
      from = to;
    }
    return parts;
  }

  /**
   * What a memory says; at first all is free.
   *
   * @throws Mistake if the memory is of another network
   */
  static Ownership of(Net net, Memory memory) {
    var ownership = new Ownership(net);
    if (memory.has(OWNER)) {
      Tensors kept = memory.part(OWNER);
      String rows = ownership.rows().name();
      for (Part part : ownership.parts) {
        switch (part.kind()) {
          case BODY -> ownership.read(kept, part.name(), part);
          case CLASSIFIER -> ownership.read(kept, rows, part);
          case SHARED -> Arrays.fill(ownership.owners, part.from(), part.to(), FIRST);
        }
      }
    }
    return ownership;
  }

  /** Each owner counts for as many places as there are more places than owners. */
  private void read(Tensors kept, String name, Part part) {
    Tensor tensor = kept.tensors().get(name);
    if (tensor == null || tensor.shape()[0] != part.shape()[0]) {
      throw new Mistake(
          "the memory says nothing of '"
              + name
              + "' that fits it; expected packnet's memory of"
              + " this network.");
    }
    byte[] bytes = tensor.bytes();
    int repeated = (part.to() - part.from()) / bytes.length;
    for (int i = part.from(); i < part.to(); i++) {
      owners[i] = Byte.toUnsignedInt(bytes[(i - part.from()) / repeated]);
    }
  }

  private Part rows() {
    return parts.stream().filter(Part::namesRows).findFirst().orElseThrow();
  }

  /** Whether no task was claimed yet. */
  boolean isFree() {
    return Arrays.stream(owners).allMatch(owner -> owner == FREE);
  }

  /** 1 where a task may learn, else 0: what is free, but of the classifier its own rows only. */
  NDArray learnedBy(Task task) {
    return mask((part, place) ->
        owners[place] == FREE
            && (part.kind() != Kind.CLASSIFIER
                || place >= part.row(task.first()) && place < part.row(task.end())));
  }

  /** 1 where a task owns a weight, else 0. */
  NDArray ownedBy(Task task) {
    return mask((part, place) -> owners[place] == task.number());
  }

  /** The number of each weight's owner, 0 for what is free, in the order of the weights. */
  NDArray numbers() {
    float[] numbers = new float[owners.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = owners[i];
    }
    return net.compute().array(Tensor.of(numbers, numbers.length), net.precision());
  }

  private NDArray mask(Choice choice) {
    float[] values = new float[owners.length];
    for (Part part : parts) {
      for (int i = part.from(); i < part.to(); i++) {
        values[i] = choice.takes(part, i) ? 1 : 0;
      }
    }
    return net.compute().array(Tensor.of(values, values.length), net.precision());
  }

  /** Whose the rows of the classes are; 0 for classes to come. */
  int[] ofClasses() {
    return Arrays.copyOfRange(owners, rows().from(), rows().to());
  }

  /**
   * Gives a task what it may learn, except for the smallest weights of each layer, which become
   * zero and stay free.
   *
   * @param prune the share of a layer's free weights that stays free; of equal ones the first
   * @throws Mistake if the task's number does not fit into a byte
   */
  void claim(Task task, double prune) {
    int number = task.number();
    if (number > MOST) {
      throw new Mistake(
          "packnet tells " + MOST + " tasks apart; this one has number " + number + ".");
    }
    double[] weights;
    try (NDArray exact = net.weights().toType(DataType.FLOAT64, true)) {
      weights = exact.toDoubleArray();
    }
    for (Part part : parts) {
      switch (part.kind()) {
        case BODY -> prune(part, weights, prune, number);
        case CLASSIFIER -> claim(part.row(task.first()), part.row(task.end()), number);
        case SHARED -> claim(part.from(), part.to(), number);
      }
    }
    try (NDArray kept = mask((part, place) -> owners[place] != FREE || part.kind() != Kind.BODY)) {
      net.weights().muli(kept);
    }
  }

  private void claim(int from, int to, int task) {
    for (int i = from; i < to; i++) {
      owners[i] = owners[i] == FREE ? task : owners[i];
    }
  }

  private void prune(Part part, double[] weights, double share, int task) {
    int[] free = IntStream.range(part.from(), part.to()).filter(i -> owners[i] == FREE).toArray();
    int released = (int) Math.round(share * free.length);
    double[] sizes = Arrays.stream(free).mapToDouble(i -> Math.abs(weights[i])).sorted().toArray();
    double limit = released == 0 ? -1 : sizes[released - 1];
    long below = Arrays.stream(sizes).filter(size -> size < limit).count();
    long equal = released - below;
    for (int i : free) {
      double size = Math.abs(weights[i]);
      if (size > limit || size == limit && equal-- <= 0) {
        owners[i] = task;
      }
    }
  }

  /** The memory with these owners in it. */
  Memory in(Memory memory) {
    var kept = new Tensors.Builder();
    for (Part part : parts) {
      if (part.kind() == Kind.BODY || part.namesRows()) {
        byte[] bytes = new byte[part.to() - part.from()];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) owners[part.from() + i];
        }
        kept.put(part.name(), Tensor.of(bytes, part.shape()));
      }
    }
    return memory.with(OWNER, kept.build());
  }

  /** The share of the weights of convolutions and linear layers that are free. */
  static double free(Memory memory) {
    long free = 0;
    long all = 0;
    for (Tensor tensor : memory.part(OWNER).tensors().values()) {
      if (tensor.shape().length > 1) {
        for (byte owner : tensor.bytes()) {
          free += owner == FREE ? 1 : 0;
        }
        all += tensor.elements();
      }
    }
    return all == 0 ? 1 : (double) free / all;
  }
}
