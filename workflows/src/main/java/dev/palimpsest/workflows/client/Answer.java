package dev.palimpsest.workflows.client;

import com.netflix.conductor.client.exception.ConductorClientException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a server answered that is no success. */
final class Answer {
  private static final int LONGEST = 200;

  private Answer() {}

  /** Whether Conductor may have written this: it answers with JSON or with nothing. */
  static boolean isConductors(ConductorClientException answer) {
    String body = Optional.ofNullable(answer.getResponseBody()).orElse("");
    Map<String, List<String>> headers =
        Optional.ofNullable(answer.getResponseHeaders()).orElse(Map.of());
    return body.isBlank()
        || headers.entrySet().stream()
            .filter(header -> header.getKey().equalsIgnoreCase("Content-Type"))
            .flatMap(header -> header.getValue().stream())
            .findFirst()
            .map(type -> type.contains("json"))
            .orElse(!body.stripLeading().startsWith("<"));
  }

  /** The first line of a message that says something, cut where it is long. */
  static String line(@Nullable String message) {
    String text = message == null ? "" : message;
    String first = text.lines().filter(line -> !line.isBlank()).findFirst().orElse("").strip();
    return first.length() <= LONGEST ? first : first.substring(0, LONGEST - 1) + "…";
  }
}
