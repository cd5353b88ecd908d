package dev.palimpsest.tasks;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.tensors.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * What is known of an artifact of tensors without its elements: of one that is there, or of one
 * that a stage will make.
 *
 * @param metadata by name
 * @param shapes of the tensors by name; a size that is not certain is the largest that it can be
 */
public record Facts(Map<String, String> metadata, Map<String, List<Long>> shapes) {
  /** Nothing is known. */
  public static final Facts NONE = new Facts(Map.of(), Map.of());

  public Facts {
    metadata = Map.copyOf(metadata);
    shapes = Map.copyOf(shapes);
  }

  /** The metadata of this name, or {@link Mistake}. */
  public String text(String name) {
    return got("metadata", metadata, name);
  }

  /** The shape of the tensor of this name, or {@link Mistake}. */
  public List<Long> shape(String tensor) {
    return got("tensor", shapes, tensor);
  }

  private static <T> T got(String what, Map<String, T> from, String name) {
    T value = from.get(name);
    if (value == null) {
      throw new Mistake(Names.unknown(what, name, from.keySet()));
    }
    return value;
  }

  /** What the summary of an artifact tells. */
  public static Facts of(TensorSummary summary) {
    var shapes = new LinkedHashMap<String, List<Long>>();
    for (TensorSummary.Entry tensor : summary.tensors()) {
      shapes.put(tensor.name(), LongStream.of(tensor.shape()).boxed().toList());
    }
    return new Facts(summary.metadata(), shapes);
  }

  public static Facts of(Tensors tensors) {
    var shapes = new LinkedHashMap<String, List<Long>>();
    tensors
        .tensors()
        .forEach(
            (name, tensor) -> shapes.put(name, LongStream.of(tensor.shape()).boxed().toList()));
    return new Facts(tensors.metadata(), shapes);
  }
}
