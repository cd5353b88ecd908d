package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What a network says about a batch.
 *
 * @param logits [batch, classes]
 * @param embedding the classifier's input, [batch, features]
 * @param maps the feature maps [batch, channels, height, width] by block name, first block first
 */
public record Out(NDArray logits, NDArray embedding, SequencedMap<String, NDArray> maps) {
  public Out {
    maps = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(maps));
  }

  /** An output without feature maps. */
  public static Out of(NDArray logits, NDArray embedding) {
    return new Out(logits, embedding, new LinkedHashMap<>());
  }
}
