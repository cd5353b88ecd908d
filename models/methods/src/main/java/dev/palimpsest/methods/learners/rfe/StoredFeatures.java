package dev.palimpsest.methods.learners.rfe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.TaskContext;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Samples of former tasks, each with what the network of its day said of it: tensors {@code
 * buffer.images} U8 [n,c,h,w], {@code buffer.labels}, {@code buffer.tasks} I64 [n], {@code
 * buffer.features} [n,d], and {@code buffer.offered} I64 [1], how many samples were offered so far.
 */
final class StoredFeatures implements AutoCloseable {
  private static final String BUFFER = "buffer";
  private static final int PIECE = 256;

  private final Images images;
  private final NDArray features;
  private final long[] tasks;
  private final Precision precision;

  private StoredFeatures(Images images, NDArray features, long[] tasks, Precision precision) {
    this.images = images;
    this.features = features;
    this.tasks = tasks;
    this.precision = precision;
  }

  /** Those of a memory, on the device; none if it holds none. */
  static Optional<StoredFeatures> of(Memory memory, Net net) {
    if (!memory.has(BUFFER)) {
      return Optional.empty();
    }
    Tensors kept = memory.part(BUFFER);
    int classes = 1 + (int) Arrays.stream(kept.get("labels").longs()).max().orElseThrow();
    return Optional.of(
        new StoredFeatures(
            Images.of(net.compute(), kept.get("images"), kept.get("labels"), classes),
            net.compute().array(kept.get("features"), net.precision()),
            kept.get("tasks").longs(),
            net.precision()));
  }

  /**
   * Some of the samples; the arrays belong to the open {@link Scope}.
   *
   * @param places where they lie in the buffer
   * @param images [n, channels, height, width] in [0,1]
   * @param features [n,d]
   * @param tasks of each
   */
  record Sample(int[] places, NDArray images, NDArray features, int[] tasks) {}

  Images images() {
    return images;
  }

  /** At most so many different ones. */
  Sample drawn(RandomStream random, int most) {
    int[] order = random.permutation(tasks.length);
    int[] chosen = Arrays.copyOf(order, Math.min(most, order.length));
    NDArray places = features.getManager().create(Arrays.stream(chosen).asLongStream().toArray());
    return new Sample(
        chosen,
        images.batch(precision, chosen).images(),
        features.get(new NDIndex("{}", places)),
        Arrays.stream(chosen).map(i -> (int) tasks[i]).toArray());
  }

  /**
   * The memory after all samples of the task were offered once, in their order, to a reservoir
   * (Vitter's algorithm R): a sample enters freely while there is room; after that the n-th takes
   * the place of a uniformly drawn one of n if that is in the reservoir.
   */
  static Memory filled(Memory memory, RfeSettings settings, TaskContext context) {
    boolean onTop = memory.has(BUFFER) && !settings.lastTaskOnly();
    Tensors old = onTop ? memory.part(BUFFER) : new Tensors.Builder().build();
    int held = onTop ? (int) old.get("labels").elements() : 0;
    long offered = onTop ? old.get("offered").longs()[0] : 0;
    // What each place holds: a place of the old buffer, or behind those an image of the task.
    int[] places =
        reservoir(
            IntStream.range(0, held).toArray(),
            offered,
            context.data().size(),
            settings.buffer(),
            context.randomness().stream("reservoir"));
    int[] fresh = Arrays.stream(places).filter(place -> place >= held).map(p -> p - held).toArray();
    long[] labels = context.data().labels();
    long task = context.task().number();
    var kept =
        new Tensors.Builder()
            .put(
                "images",
                rows(
                    places,
                    held,
                    Optional.ofNullable(old.tensors().get("images")),
                    context.data().bytes(fresh)))
            .put(
                "labels",
                Tensor.of(
                    Arrays.stream(places)
                        .mapToLong(p -> p < held ? old.get("labels").longs()[p] : labels[p - held])
                        .toArray(),
                    places.length))
            .put(
                "tasks",
                Tensor.of(
                    Arrays.stream(places)
                        .mapToLong(p -> p < held ? old.get("tasks").longs()[p] : task)
                        .toArray(),
                    places.length))
            .put(
                "features",
                rows(
                    places,
                    held,
                    Optional.ofNullable(old.tensors().get("features")),
                    features(context, fresh)))
            .put("offered", Tensor.of(new long[] {offered + context.data().size()}, 1));
    return memory.with(BUFFER, kept.build());
  }

  /**
   * A reservoir's content after further samples were offered to it.
   *
   * @param content what it holds
   * @param offered how many were offered before
   * @param samples how many come; they are numbered on from the length of {@code content}
   */
  static int[] reservoir(
      int[] content, long offered, int samples, int capacity, RandomStream random) {
    int[] places =
        Arrays.copyOf(content, (int) Math.min(capacity, content.length + (long) samples));
    int filled = content.length;
    for (int i = 0; i < samples; i++) {
      if (filled < capacity) {
        places[filled++] = content.length + i;
      } else {
        int place = random.below(Math.toIntExact(offered + i + 1));
        if (place < capacity) {
          places[place] = content.length + i;
        }
      }
    }
    return places;
  }

  /** For each place a row of {@code old}, or in order the next row of {@code fresh}. */
  private static Tensor rows(int[] places, int held, Optional<Tensor> old, Tensor fresh) {
    long[] shape = fresh.shape();
    shape[0] = places.length;
    int stride = places.length == 0 ? 0 : rowBytes(fresh);
    ByteBuffer rows = ByteBuffer.allocate(places.length * stride);
    int next = 0;
    for (int place : places) {
      boolean kept = place < held;
      Tensor from = kept ? old.orElseThrow() : fresh;
      rows.put(from.data().slice((kept ? place : next++) * stride, stride));
    }
    return new Tensor(fresh.type(), shape, rows.flip());
  }

  private static int rowBytes(Tensor tensor) {
    long[] shape = tensor.shape();
    int bytes = tensor.type().bytes();
    for (int i = 1; i < shape.length; i++) {
      bytes = Math.toIntExact(bytes * shape[i]);
    }
    return bytes;
  }

  /** What the network says of the chosen images, [n,d]. */
  private static Tensor features(TaskContext context, int[] chosen) {
    Net net = context.net();
    Precision precision = net.precision();
    int width = Classifier.of(net).features();
    Tensor.Type type = precision == Precision.F64 ? Tensor.Type.F64 : Tensor.Type.F32;
    ByteBuffer all = ByteBuffer.allocate(chosen.length * width * type.bytes());
    for (int from = 0; from < chosen.length; from += PIECE) {
      int[] piece = Arrays.copyOfRange(chosen, from, Math.min(chosen.length, from + PIECE));
      try (Scope scope = Scope.open()) {
        NDArray x = context.data().batch(precision, piece).images();
        all.put(Compute.tensor(net.forward(Mode.EVAL, x).embedding()).data());
      }
    }
    return new Tensor(type, new long[] {chosen.length, width}, all.flip());
  }

  @Override
  public void close() {
    images.close();
    features.close();
  }
}
