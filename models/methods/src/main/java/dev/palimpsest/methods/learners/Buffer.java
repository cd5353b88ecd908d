package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * Samples that a learner keeps to replay them: images as bytes without augmentation, labels, tasks,
 * and where wanted logits and features. It lies in plain memory, not on the device.
 *
 * <p>In a {@link Memory} it is {@code images} U8 [n, channels, height, width], {@code labels},
 * {@code tasks} I64 [n], {@code seen} I64 [classes] (how many of each class were offered so far),
 * {@code logits} F32 [n, classes] with {@code columns} I64 [n] (how many classes the network had
 * when a row was kept; zeros follow), and {@code features} F32 [n, features].
 */
public final class Buffer {
  /** What a memory calls it. */
  public static final String PART = "buffer";

  private static final int STEP = 256;
  private static final float[] NONE = {};

  private final int size;
  private final BufferSettings.Policy policy;
  private final long[] imageShape;
  private final List<Sample> samples = new ArrayList<>();
  private long[] seen = {};

  private Buffer(int size, BufferSettings.Policy policy, long... imageShape) {
    this.size = size;
    this.policy = policy;
    this.imageShape = imageShape.clone();
  }

  /**
   * An empty buffer.
   *
   * @param imageShape one image's shape, [channels, height, width]
   */
  public static Buffer empty(int size, BufferSettings.Policy policy, long... imageShape) {
    return new Buffer(size, policy, imageShape);
  }

  /**
   * The buffer of a memory; empty if it has none.
   *
   * @throws Mistake if it is larger, or of images of another shape
   */
  public static Buffer of(BufferSettings settings, TaskContext context) {
    Buffer buffer = empty(settings.size(), settings.policy(), context.data().imageShape());
    if (context.memory().has(PART)) {
      buffer.restore(context.memory().part(PART));
    }
    return buffer;
  }

  /** A full buffer of these samples. */
  static Buffer holding(List<Sample> samples, long... imageShape) {
    Buffer buffer = empty(samples.size(), BufferSettings.Policy.BALANCED, imageShape);
    buffer.samples.addAll(samples);
    samples.forEach(sample -> buffer.count(sample.label()));
    return buffer;
  }

  /** The full buffer that a memory holds. */
  static Buffer of(Memory memory) {
    Tensors kept = memory.part(PART);
    long[] shape = kept.get("images").shape();
    Buffer buffer =
        empty((int) shape[0], BufferSettings.Policy.BALANCED, shape[1], shape[2], shape[3]);
    buffer.restore(kept);
    return buffer;
  }

  long[] imageShape() {
    return imageShape.clone();
  }

  /** How many samples it holds. */
  public int held() {
    return samples.size();
  }

  /** How many samples were offered so far. */
  public long offered() {
    return Arrays.stream(seen).sum();
  }

  /** One more than the last class that was offered so far. */
  int classesSeen() {
    return seen.length;
  }

  /** Its samples, in their places. */
  List<Sample> samples() {
    return List.copyOf(samples);
  }

  /** Offers samples one after the other. */
  public void add(Batch raw, int task, RandomStream random) {
    add(raw, task, Optional.empty(), Optional.empty(), random);
  }

  /**
   * Offers samples one after the other.
   *
   * @param raw images as they are in the data, not augmented
   * @param logits [n, classes], or nothing
   * @param features [n, features], or nothing
   */
  public void add(
      Batch raw,
      int task,
      Optional<NDArray> logits,
      Optional<NDArray> features,
      RandomStream random) {
    try (Scope scope = Scope.open()) {
      samples(raw, task, logits, features).forEach(sample -> offer(sample, random));
    }
  }

  /** A batch as samples. */
  static List<Sample> samples(
      Batch raw, int task, Optional<NDArray> logits, Optional<NDArray> features) {
    long[] labels = raw.labels().toLongArray();
    NDArray whole = Ops.scaled(raw.images(), 255).round().toType(DataType.UINT8, false);
    byte[] bytes = Compute.tensor(whole).bytes();
    Optional<float[]> said = logits.map(Buffer::floats);
    Optional<float[]> seenAs = features.map(Buffer::floats);
    return IntStream.range(0, labels.length)
        .mapToObj(i ->
            new Sample(
                row(bytes, i, labels.length),
                labels[i],
                task,
                said.map(values -> row(values, i, labels.length)).orElse(NONE),
                seenAs.map(values -> row(values, i, labels.length)).orElse(NONE)))
        .toList();
  }

  private static float[] floats(NDArray array) {
    return array.toType(DataType.FLOAT32, false).toFloatArray();
  }

  private static float[] row(float[] values, int i, int rows) {
    int width = values.length / rows;
    return Arrays.copyOfRange(values, i * width, (i + 1) * width);
  }

  private static byte[] row(byte[] values, int i, int rows) {
    int width = values.length / rows;
    return Arrays.copyOfRange(values, i * width, (i + 1) * width);
  }

  private int count(long label) {
    int place = Math.toIntExact(label);
    seen = Arrays.copyOf(seen, Math.max(seen.length, place + 1));
    seen[place]++;
    return place;
  }

  private void offer(Sample sample, RandomStream random) {
    int label = count(sample.label());
    if (samples.size() < size) {
      samples.add(sample);
      return;
    }
    int place =
        switch (policy) {
          case RESERVOIR -> random.below(Math.toIntExact(offered()));
          case BALANCED -> balanced(label, random);
        };
    if (place < size) {
      samples.set(place, sample);
    }
  }

  /**
   * The place of a new sample: while its class is smaller than others and has lost none, that of
   * any sample of a largest class; otherwise a reservoir's within its own class. {@code size} where
   * it stays out.
   */
  private int balanced(int label, RandomStream random) {
    int[] held = new int[seen.length];
    samples.forEach(sample -> held[(int) sample.label()]++);
    int largest = Arrays.stream(held).max().orElseThrow();
    boolean lostNone = seen[label] - 1 == held[label];
    if (held[label] < largest && lostNone) {
      int[] places = places(other -> held[other] == largest);
      return places[random.below(places.length)];
    }
    int place = random.below(Math.toIntExact(seen[label]));
    return place < held[label] ? places(other -> other == label)[place] : size;
  }

  private int[] places(IntPredicate label) {
    return IntStream.range(0, samples.size())
        .filter(place -> label.test((int) samples.get(place).label()))
        .toArray();
  }

  /** What is kept of a sample beside image, label and task. */
  public enum Extra {
    LOGITS,
    FEATURES
  }

  /**
   * Offers all images of a task, in their order.
   *
   * @param extras what the network says of them, with running statistics
   */
  public void fill(Images data, Net net, int task, Set<Extra> extras, RandomStream random) {
    for (int from = 0; from < data.size(); from += STEP) {
      int to = Math.min(data.size(), from + STEP);
      try (Scope scope = Scope.open()) {
        Batch raw = data.batch(net.precision(), IntStream.range(from, to).toArray());
        Optional<Out> out =
            extras.isEmpty() ? Optional.empty() : Optional.of(net.forward(Mode.EVAL, raw.images()));
        add(
            raw,
            task,
            out.filter(said -> extras.contains(Extra.LOGITS)).map(Out::logits),
            out.filter(said -> extras.contains(Extra.FEATURES)).map(Out::embedding),
            random);
      }
    }
  }

  /** {@code most} distinct samples, or all if there are fewer; each set equally likely. */
  public Replay draw(int most, Net net, RandomStream random) {
    return at(net, drawn(most, random));
  }

  /** The places of samples as {@link #draw} draws them. */
  public int[] drawn(int most, RandomStream random) {
    return Arrays.stream(random.permutation(samples.size())).limit(most).toArray();
  }

  /** The samples in these places, ready for a network. */
  public Replay at(Net net, int... places) {
    List<Sample> chosen = Arrays.stream(places).mapToObj(samples::get).toList();
    return new Replay(chosen, imageShape, net.compute(), net.precision());
  }

  /**
   * A learner's work after a task that it was not there to train, as task 1 of SBL: a buffer filled
   * with the task's images. Where there is a buffer, nothing.
   */
  static Consolidation unlessHeld(BufferSettings settings, TaskContext context, Set<Extra> extras) {
    return context.memory().has(PART)
        ? Consolidation.of(context.memory())
        : Consolidation.inOneStep(() -> filled(settings, context, extras));
  }

  /** The memory with the task's images offered to its buffer. */
  static Memory filled(BufferSettings settings, TaskContext context, Set<Extra> extras) {
    Buffer buffer = of(settings, context);
    buffer.fill(
        context.data(),
        context.net(),
        context.task().number(),
        extras,
        context.randomness().stream("buffer"));
    return context.memory().with(PART, buffer.state());
  }

  /** The tensors of a memory's part {@link #PART}. */
  public Tensors state() {
    var state =
        new Tensors.Builder()
            .put("images", Sample.images(samples, imageShape))
            .put("labels", longs(Sample::label))
            .put("tasks", longs(Sample::task))
            .put("seen", Tensor.of(seen, seen.length));
    int columns = width(Sample::logits);
    if (columns > 0) {
      state
          .put("logits", Sample.rows(samples, Sample::logits, columns))
          .put("columns", longs(sample -> sample.logits().length));
    }
    int features = width(Sample::features);
    if (features > 0) {
      state.put("features", Sample.rows(samples, Sample::features, features));
    }
    return state.build();
  }

  private Tensor longs(ToLongFunction<Sample> value) {
    return Tensor.of(samples.stream().mapToLong(value).toArray(), samples.size());
  }

  private int width(Function<Sample, float[]> row) {
    return samples.stream().mapToInt(sample -> row.apply(sample).length).max().orElse(0);
  }

  /**
   * Takes over a state.
   *
   * @throws Mistake if it holds more samples than there is room for, or images of another shape
   */
  public void restore(Tensors state) {
    Tensor images = state.get("images");
    long[] shape = images.shape();
    if (shape[0] > size || !Arrays.equals(shape, 1, 4, imageShape, 0, 3)) {
      throw new Mistake(
          "the memory's buffer holds "
              + shape[0]
              + " images "
              + Arrays.toString(Arrays.copyOfRange(shape, 1, 4))
              + "; expected at most "
              + size
              + " of "
              + Arrays.toString(imageShape)
              + ".");
    }
    byte[] bytes = images.bytes();
    long[] labels = state.get("labels").longs();
    long[] tasks = state.get("tasks").longs();
    List<float[]> logits = rows(state, "logits", labels.length);
    long[] columns =
        state.tensors().containsKey("columns")
            ? state.get("columns").longs()
            : new long[labels.length];
    List<float[]> features = rows(state, "features", labels.length);
    samples.clear();
    for (int i = 0; i < labels.length; i++) {
      samples.add(
          new Sample(
              row(bytes, i, labels.length),
              labels[i],
              tasks[i],
              Arrays.copyOf(logits.get(i), (int) columns[i]),
              features.get(i)));
    }
    seen = state.get("seen").longs();
  }

  /** The rows of a tensor that need not be there. */
  private static List<float[]> rows(Tensors state, String name, int n) {
    Tensor kept = state.tensors().get(name);
    if (kept == null) {
      return Collections.nCopies(n, NONE);
    }
    float[] values = kept.floats();
    return IntStream.range(0, n).mapToObj(i -> row(values, i, n)).toList();
  }
}
