package dev.palimpsest.methods.data;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.HashSet;
import java.util.List;

/**
 * What a data set is: the content of {@code dataset.json}.
 *
 * @param name its name
 * @param classes names of the classes in the order of the labels; 1 to 10,000, all different
 * @param licence its licence and holder
 * @param source where it comes from
 */
public record Description(String name, List<String> classes, String licence, String source) {
  private static final int MOST = 10_000;

  /** Throws {@link Mistake} when the name is empty or two classes share one. */
  public Description {
    if (name.isBlank()) {
      throw new Mistake("the name is empty; expected the data set's name");
    }
    if (classes.isEmpty() || classes.size() > MOST) {
      throw new Mistake(classes.size() + " classes are named; expected 1 to " + MOST);
    }
    var seen = new HashSet<String>();
    for (String label : classes) {
      if (label == null || label.isBlank() || !seen.add(label)) {
        throw new Mistake("class name '" + label + "' is empty or given twice");
      }
    }
    classes = List.copyOf(classes);
  }

  /**
   * A data set without a {@code dataset.json}.
   *
   * @param file what names the classes, for sentences
   * @throws Mistake if two classes share a name
   */
  static Description of(String file, String name, List<String> classes, String source) {
    try {
      return new Description(name, classes, "unknown", source);
    } catch (Mistake e) {
      throw new Mistake("'" + file + "': " + e.getMessage() + ".", e);
    }
  }

  /**
   * One part of the data set, checked.
   *
   * @param split {@code train} or {@code test}
   * @param file the file of the labels, for sentences
   * @param images U8 [N, C, H, W], C 1 or 3
   * @param labels U8 [N]
   */
  Tensors part(String split, String file, Tensor images, Tensor labels) {
    byte[] given = labels.bytes();
    long[] numbers = new long[given.length];
    for (int i = 0; i < given.length; i++) {
      numbers[i] = Byte.toUnsignedLong(given[i]);
      if (numbers[i] >= classes.size()) {
        throw new Mistake(beyond(file, i, (int) numbers[i], classes.size()));
      }
    }
    return part(split, images, numbers);
  }

  /** As above, with labels that are known to be those of classes. */
  Tensors part(String split, Tensor images, long[] labels) {
    return new Tensors.Builder()
        .put("images", images)
        .put("labels", Tensor.of(labels, labels.length))
        .text("name", name)
        .text("classes", Json.line(classes))
        .text("split", split)
        .text("licence", licence)
        .text("source", source)
        .build();
  }

  /** The sentence for a label that no class has. */
  static String beyond(String file, int image, int label, int classes) {
    return "File '"
        + file
        + "': image "
        + image
        + " has label "
        + label
        + "; expected 0 to "
        + (classes - 1)
        + ", one of "
        + classes
        + " classes.";
  }
}
