package dev.palimpsest.cli.system;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.S3Store;
import dev.palimpsest.storage.Store;
import dev.palimpsest.workflows.RunView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Why a run does not get on, as far as it can be seen from outside; the first line says it all. */
final class Standstill {
  private static final Set<String> UNFINISHED = Set.of("SCHEDULED", "IN_PROGRESS");
  private static final int TAIL = 40;

  private Standstill() {}

  /** One line, and below it the whole view. */
  static String of(RunView view, Duration waited, String conductor, S3Store store) {
    return "run %s is %s after %.1f min; unfinished: %s; claims: %s\n%s"
        .formatted(
            view.run(),
            view.state(),
            waited.toSeconds() / 60.0,
            unfinished(conductor, view.run()),
            claims(store),
            Json.pretty(view));
  }

  /** The last lines of every log below a folder. */
  static String tails(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .sorted()
          .map(file -> "== " + folder.relativize(file) + "\n" + tail(file))
          .collect(Collectors.joining("\n"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String tail(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static String unfinished(String conductor, String run) {
    URI uri = URI.create(conductor + "/api/workflow/" + run);
    try (HttpClient http = HttpClient.newHttpClient()) {
      var answer = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray());
      JsonNode tasks = Json.parse(uri.toString(), answer.body()).path("tasks");
      long now = System.currentTimeMillis();
      String all =
          StreamSupport.stream(tasks.spliterator(), false)
              .filter(task -> UNFINISHED.contains(task.path("status").asText()))
              .map(task -> words(task, now))
              .collect(Collectors.joining(", "));
      return all.isEmpty() ? "no task" : all;
    } catch (IOException | RuntimeException e) {
      return "Conductor does not tell (" + e + ")";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String words(JsonNode task, long now) {
    return "%s (%s, %s since %d s, worker %s)"
        .formatted(
            task.path("referenceTaskName").asText(),
            task.path("taskType").asText(),
            task.path("status").asText(),
            (now - Math.max(task.path("updateTime").asLong(), task.path("scheduledTime").asLong()))
                / 1000,
            task.path("workerId").asText("none"));
  }

  private static String claims(S3Store store) {
    try {
      String all =
          store.list("claims/").stream()
              .map(Store.Stat::key)
              .map(key ->
                  store
                      .read(key)
                      .map(note -> new String(note, StandardCharsets.UTF_8).strip())
                      .orElse(key + " released"))
              .collect(Collectors.joining(", "));
      return all.isEmpty() ? "none" : all;
    } catch (RuntimeException e) {
      return "the store does not tell (" + e + ")";
    }
  }
}
