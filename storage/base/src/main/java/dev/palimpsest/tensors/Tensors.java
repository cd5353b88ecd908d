package dev.palimpsest.tensors;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What one safetensors file holds: named tensors in their order, and text metadata.
 *
 * @param tensors by name, in the order in which their bytes lie in the file
 * @param metadata free text by name; never a time, a host, a run or a path
 */
public record Tensors(SequencedMap<String, Tensor> tensors, Map<String, String> metadata) {
  public Tensors {
    tensors = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(tensors));
    metadata = Map.copyOf(metadata);
  }

  /** The tensor of this name, or {@link Mistake}. */
  public Tensor get(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new Mistake(Names.unknown("tensor", name, tensors.keySet()));
    }
    return tensor;
  }

  /** The metadata of this name, or {@link Mistake}. */
  public String text(String name) {
    String text = metadata.get(name);
    if (text == null) {
      throw new Mistake(Names.unknown("metadata", name, metadata.keySet()));
    }
    return text;
  }

  /** The tensors whose names begin with {@code prefix}, under the rest of their names. */
  public Tensors under(String prefix) {
    var part = new Builder();
    tensors.forEach((name, tensor) -> {
      if (name.startsWith(prefix)) {
        part.put(name.substring(prefix.length()), tensor);
      }
    });
    return part.build();
  }

  /** Collects tensors and metadata in order. */
  public static final class Builder {
    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    public Builder put(String name, Tensor tensor) {
      if (tensors.put(name, tensor) != null) {
        throw new IllegalArgumentException("two tensors are named '" + name + "'");
      }
      return this;
    }

    /** Puts tensors, each under its name behind {@code prefix}. */
    public Builder putUnder(String prefix, Tensors part) {
      part.tensors.forEach((name, tensor) -> put(prefix + name, tensor));
      return this;
    }

    public Builder text(String name, String value) {
      metadata.put(name, value);
      return this;
    }

    public Tensors build() {
      return new Tensors(tensors, metadata);
    }
  }
}
