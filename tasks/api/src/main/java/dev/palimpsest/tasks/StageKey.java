package dev.palimpsest.tasks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The identity of a stage: equal keys mean equal outputs.
 *
 * @param key SHA-256 over the RFC 8785 form of {@code identity}
 * @param identity stage, code, parameters with defaults filled in, digests of inputs, seed,
 *     numerics; the verification's name where one computes it again
 * @param code what the identity names by its digest alone
 */
public record StageKey(Digest key, JsonNode identity, Code code) {
  /**
   * The key of a stage about to run.
   *
   * @param code what the stage can reach
   * @param parameters with every default filled in
   * @param inputs digest by input name; {@code input/name} for inputs that take many
   * @param again the verification that computes it anew; keys without one are as if there were none
   */
  public static StageKey of(
      String stage,
      Code code,
      ObjectNode parameters,
      Map<String, Digest> inputs,
      long seed,
      Numerics numerics,
      Optional<String> again) {
    ObjectNode identity = Json.object();
    identity.put("stage", stage);
    identity.put("code", code.digest().hex());
    identity.set("parameters", parameters);
    identity.set("inputs", Json.tree(new TreeMap<>(inputs)));
    // As text: RFC 8785 numbers are doubles and would merge seeds above 2^53.
    identity.put("seed", Long.toString(seed));
    identity.set("numerics", Json.tree(numerics));
    again.ifPresent(name -> identity.put(StageCall.AGAIN, name));
    return new StageKey(Digest.of(Json.canonical(identity)), identity, code);
  }
}
