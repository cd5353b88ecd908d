package dev.palimpsest.methods.data;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * A data set as it was read. Each part holds {@code images} (U8 [N, C, H, W], C 1 or 3) and {@code
 * labels} (I64 [N], each below the number of classes), and as metadata {@code name}, {@code
 * classes} (a JSON list of names in the order of the labels), {@code split}, {@code licence} and
 * {@code source}.
 *
 * @param train what networks are trained on
 * @param test what they are measured on; images of the same size, the same classes
 */
public record Imported(Tensors train, Tensors test) {
  /** Throws {@link Mistake} when the images of the parts differ in size. */
  public Imported {
    long[] one = size(train);
    long[] other = size(test);
    if (!Arrays.equals(one, other)) {
      throw new Mistake(
          "The test images of data set '"
              + test.text("name")
              + "' are of size "
              + Arrays.toString(other)
              + "; expected "
              + Arrays.toString(one)
              + " (channels, height, width) as in training.");
    }
  }

  /** The parts by name: {@code train}, then {@code test}. */
  public SequencedMap<String, Tensors> splits() {
    var splits = new LinkedHashMap<String, Tensors>();
    splits.put("train", train);
    splits.put("test", test);
    return splits;
  }

  private static long[] size(Tensors part) {
    long[] shape = part.get("images").shape();
    return Arrays.copyOfRange(shape, 1, shape.length);
  }
}
