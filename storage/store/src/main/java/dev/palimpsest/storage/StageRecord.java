package dev.palimpsest.storage;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Digest;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * That a stage was computed: its identity and its outputs, under {@code stages/<key>/<generation>}.
 *
 * @param identity what {@code key} is the digest of: stage, code, parameters, inputs, seed,
 *     numerics
 * @param generation 0, and one more each time a lost output had to be computed anew
 */
public record StageRecord(
    Digest key, int generation, String stage, JsonNode identity, Map<String, Reference> outputs) {
  public StageRecord {
    outputs = Collections.unmodifiableMap(new TreeMap<>(outputs));
  }
}
