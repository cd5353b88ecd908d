package dev.palimpsest.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a real Conductor server. */
class ConductorServerTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir Path state;

  @Test
  void aKilledServerIsUpAgainOnTheSamePortWithTheSameWorkflows() throws Exception {
    CompletableFuture<String> restarted = new CompletableFuture<>();
    Listener listener =
        new Listener() {
          @Override
          public void restarted(String child, int restarts) {
            restarted.complete(child);
          }
        };
    try (ConductorServer server =
        ConductorServer.start(
            Fetched.conductor(), LocalServices.Options.defaultCache(), state, 0, listener)) {
      URI api = server.endpoint().resolve("/api/");
      send(
          "POST",
          api.resolve("metadata/taskdefs"),
          """
          [{"name": "waits", "ownerEmail": "a@example.org", "timeoutSeconds": 0,
            "responseTimeoutSeconds": 600}]\
          """);
      send(
          "PUT",
          api.resolve("metadata/workflow"),
          """
          [{"name": "one-task", "version": 1, "schemaVersion": 2, "timeoutSeconds": 0,
            "ownerEmail": "a@example.org",
            "tasks": [{"name": "waits", "taskReferenceName": "w", "type": "SIMPLE"}]}]\
          """);
      String id = send("POST", api.resolve("workflow/one-task?version=1"), "{}");
      long killed = server.pid();

      ProcessHandle.of(killed).orElseThrow().destroyForcibly();

      assertThat(restarted.get(60, TimeUnit.SECONDS)).isEqualTo("Conductor");
      server.awaitHealthy(Listener.SILENT);
      assertThat(server.pid()).isNotEqualTo(killed);
      assertThat(server.restarts()).isEqualTo(1);
      var workflow =
          Json.parse(
              "workflow",
              send("GET", api.resolve("workflow/" + id), "").getBytes(StandardCharsets.UTF_8));
      assertThat(workflow.get("status").asText()).isEqualTo("RUNNING");
      assertThat(workflow.get("tasks").get(0).get("referenceTaskName").asText()).isEqualTo("w");
    }
  }

  @Test
  void aPortInUseIsAMistakeThatNamesPortAndOption() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() ->
              ConductorServer.start(
                  Fetched.conductor(),
                  LocalServices.Options.defaultCache(),
                  state,
                  port,
                  Listener.SILENT))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("Port " + port)
          .hasMessageContaining("--conductor-port");
    }
  }

  @Test
  void aServerThatCannotStartFailsWithItsLastTellingLine() throws Exception {
    Path database = state.resolve("conductor.db");
    Files.writeString(database, "This is no database, and long enough to be taken for one.");
    assertThatThrownBy(() ->
            ConductorServer.start(
                Fetched.conductor(),
                LocalServices.Options.defaultCache(),
                state,
                0,
                Listener.SILENT))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("file is not a database")
        .hasMessageContaining("conductor.log");
  }

  private static String send(String method, URI uri, String body) throws Exception {
    var answer =
        HTTP.send(
            HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(method + " " + uri + ": " + answer.body()).isEqualTo(200);
    return answer.body();
  }
}
