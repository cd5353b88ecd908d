package dev.palimpsest.stages;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * A dataset artifact: {@code images} U8 [n, channels, height, width], {@code labels} I64 [n], and
 * in its metadata {@code name} and {@code classes} (a JSON list of names).
 *
 * <p>One that was split into tasks has {@code tasks} beside them, how many classes each task has (a
 * JSON list): the classes of a task follow each other, and so do its images. Tasks count from 1.
 */
record DataSet(Tensors tensors) {
  /**
   * Places that follow each other.
   *
   * @param from the first
   * @param to one past the last
   */
  record Range(int from, int to) {
    int size() {
      return to - from;
    }
  }

  /** What is known of it without its images. */
  DataFacts facts() {
    return new DataFacts(Facts.of(tensors));
  }

  int size() {
    return Math.toIntExact(images().shape()[0]);
  }

  Tensor images() {
    return tensors.get("images");
  }

  Tensor labels() {
    return tensors.get("labels");
  }

  /** The names of the classes, in the order of their labels. */
  List<String> classes() {
    return facts().classes();
  }

  /** How many classes each task has; a data set that was not split is one task of all classes. */
  List<Integer> tasks() {
    return facts().tasks();
  }

  /**
   * The places of a task's images.
   *
   * @throws Mistake if there is no such task
   */
  Range imagesOf(int task) {
    Task classes = facts().task(task);
    long[] labels = labels().longs();
    return new Range(below(labels, classes.first()), below(labels, classes.end()));
  }

  private static int below(long[] labels, int label) {
    return (int) Arrays.stream(labels).filter(each -> each < label).count();
  }

  /** The images of one task; classes and tasks stay those of the whole. */
  DataSet task(int task) {
    return cut(imagesOf(task));
  }

  /** As {@link #task}, of all tasks up to this one. */
  DataSet upTo(int task) {
    return cut(new Range(0, imagesOf(task).to()));
  }

  /** A view, which copies no pixel. */
  private DataSet cut(Range places) {
    int stride = stride();
    return with(
        images().data().slice(places.from() * stride, places.size() * stride),
        Arrays.copyOfRange(labels().longs(), places.from(), places.to()));
  }

  /** One image's shape, [channels, height, width]. */
  long[] imageShape() {
    return Arrays.copyOfRange(images().shape(), 1, 4);
  }

  /** The bytes of an image. */
  private int stride() {
    return Math.toIntExact(Arrays.stream(imageShape()).reduce(1, Math::multiplyExact));
  }

  /** On the device. */
  Images on(Compute compute) {
    return Images.of(compute, images(), labels(), classes().size());
  }

  /** The samples at these places, in their order. */
  DataSet pick(int[] places) {
    ByteBuffer pixels = images().data();
    long[] labels = labels().longs();
    int stride = stride();
    byte[] pickedPixels = new byte[Math.multiplyExact(places.length, stride)];
    long[] pickedLabels = new long[places.length];
    for (int i = 0; i < places.length; i++) {
      pixels.get(places[i] * stride, pickedPixels, i * stride, stride);
      pickedLabels[i] = labels[places[i]];
    }
    return with(ByteBuffer.wrap(pickedPixels), pickedLabels);
  }

  /**
   * These samples and then the other's.
   *
   * @throws Mistake if image shape or classes differ
   */
  DataSet and(DataSet other) {
    facts().checkSameKind(other.facts());
    byte[] pixels =
        Arrays.copyOf(images().bytes(), images().bytes().length + other.images().bytes().length);
    System.arraycopy(
        other.images().bytes(), 0, pixels, images().bytes().length, other.images().bytes().length);
    long[] labels = Arrays.copyOf(labels().longs(), size() + other.size());
    System.arraycopy(other.labels().longs(), 0, labels, size(), other.size());
    return with(ByteBuffer.wrap(pixels), labels);
  }

  private DataSet with(ByteBuffer pixels, long[] labels) {
    long[] shape = images().shape();
    shape[0] = labels.length;
    var copy =
        new Tensors.Builder()
            .put("images", new Tensor(Tensor.Type.U8, shape, pixels))
            .put("labels", Tensor.of(labels, labels.length));
    tensors.metadata().forEach(copy::text);
    return new DataSet(copy.build());
  }
}
