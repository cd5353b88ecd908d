package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A dataset artifact: {@code images} U8 [n, channels, height, width], {@code labels} I64 [n], and
 * in its metadata {@code name} and {@code classes} (a JSON list of names).
 */
record DataSet(Tensors tensors) {
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
    var names = new ArrayList<String>();
    for (JsonNode name :
        Json.read("the data set's classes", tensors.text("classes"), JsonNode.class)) {
      names.add(name.asText());
    }
    return names;
  }

  /** One image's shape, [channels, height, width]. */
  long[] imageShape() {
    return Arrays.copyOfRange(images().shape(), 1, 4);
  }

  /** On the device. */
  Images on(Compute compute) {
    return Images.of(compute, images(), labels(), classes().size());
  }

  /** The samples at these places, in their order. */
  DataSet pick(int[] places) {
    byte[] pixels = images().bytes();
    long[] labels = labels().longs();
    int stride = pixels.length / size();
    byte[] pickedPixels = new byte[places.length * stride];
    long[] pickedLabels = new long[places.length];
    for (int i = 0; i < places.length; i++) {
      System.arraycopy(pixels, places[i] * stride, pickedPixels, i * stride, stride);
      pickedLabels[i] = labels[places[i]];
    }
    return with(pickedPixels, pickedLabels);
  }

  /**
   * These samples and then the other's.
   *
   * @throws Mistake if image shape or classes differ
   */
  DataSet and(DataSet other) {
    if (!Arrays.equals(imageShape(), other.imageShape()) || !classes().equals(other.classes())) {
      throw new Mistake(
          "data sets of images "
              + Arrays.toString(imageShape())
              + " in "
              + classes().size()
              + " classes and "
              + Arrays.toString(other.imageShape())
              + " in "
              + other.classes().size()
              + " cannot be joined; expected parts of one data set.");
    }
    byte[] pixels =
        Arrays.copyOf(images().bytes(), images().bytes().length + other.images().bytes().length);
    System.arraycopy(
        other.images().bytes(), 0, pixels, images().bytes().length, other.images().bytes().length);
    long[] labels = Arrays.copyOf(labels().longs(), size() + other.size());
    System.arraycopy(other.labels().longs(), 0, labels, size(), other.size());
    return with(pixels, labels);
  }

  private DataSet with(byte[] pixels, long[] labels) {
    long[] shape = images().shape();
    shape[0] = labels.length;
    var copy =
        new Tensors.Builder()
            .put("images", Tensor.of(pixels, shape))
            .put("labels", Tensor.of(labels, labels.length));
    tensors.metadata().forEach(copy::text);
    return new DataSet(copy.build());
  }
}
