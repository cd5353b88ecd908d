package dev.palimpsest.tasks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.tensors.Tensors;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/**
 * How artifacts are read and written, whatever the stage: a change here is a change of every
 * stage's code.
 */
public final class Formats {
  private static final String TAINT = "taint";
  private static final String BETWEEN = "; ";

  private Formats() {}

  /** A RESULT or TABLE. */
  public static byte[] document(Object document) {
    return Json.canonical(document);
  }

  /** A RESULT or TABLE; {@code what} is for the sentence of a mistake. */
  public static JsonNode document(String what, byte[] bytes) {
    return Json.parse(what, bytes);
  }

  /** METRICS. */
  public static byte[] lines(List<?> lines) {
    var text = new StringBuilder();
    for (Object line : lines) {
      text.append(new String(Json.canonical(line), StandardCharsets.UTF_8)).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** METRICS; {@code what} is for the sentence of a mistake. */
  public static List<JsonNode> lines(String what, byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8)
        .lines()
        .map(line -> Json.read(what, line, JsonNode.class))
        .toList();
  }

  /** A FIGURE. */
  public static byte[] figure(String svg) {
    return svg.getBytes(StandardCharsets.UTF_8);
  }

  /** The tensors with their taint in the metadata. */
  public static Tensors marked(Tensors tensors, List<String> taint) {
    var marked = new Tensors.Builder();
    tensors.tensors().forEach(marked::put);
    tensors.metadata().forEach(marked::text);
    if (!taint.isEmpty()) {
      marked.text(TAINT, String.join(BETWEEN, taint));
    }
    return marked.build();
  }

  /** The taint that the metadata tell of. */
  public static List<String> taint(Tensors tensors) {
    String taint = tensors.metadata().get(TAINT);
    return taint == null ? List.of() : List.of(taint.split(BETWEEN));
  }

  /**
   * The taint of a stage's outputs, oldest reason first, each once.
   *
   * @param inputs what its inputs bring
   * @param own what {@link Stage#taints} adds
   */
  public static List<String> taint(Collection<String> inputs, List<String> own) {
    SequencedSet<String> taint = new LinkedHashSet<>(inputs);
    for (String each : own) {
      // "defended by ft" says something of a tainted network only.
      if (!taint.isEmpty() || each.startsWith("backdoor")) {
        taint.add(each);
      }
    }
    return List.copyOf(taint);
  }
}
