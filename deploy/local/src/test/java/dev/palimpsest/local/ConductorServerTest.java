package dev.palimpsest.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
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
      JsonNode workflow = workflow(api, id);
      assertThat(workflow.get("status").asText()).isEqualTo("RUNNING");
      assertThat(workflow.get("tasks").get(0).get("referenceTaskName").asText()).isEqualTo("w");
    }
  }

  /** Killed while it evaluates a join: it has marked the join and put it off by an hour. */
  @Test
  void aJoinThatAKilledServerTookAlongIsEvaluatedByTheNext() throws Exception {
    try (ConductorServer server =
        ConductorServer.start(
            Fetched.conductor(), LocalServices.Options.defaultCache(), state, 0, Listener.SILENT)) {
      URI api = server.endpoint().resolve("/api/");
      send(
          "PUT",
          api.resolve("metadata/workflow"),
          """
          [{"name": "two-tasks", "version": 1, "schemaVersion": 2, "timeoutSeconds": 0,
            "ownerEmail": "a@example.org", "tasks": [
              {"name": "fork", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [
                [{"name": "waits", "taskReferenceName": "a", "type": "SIMPLE"}],
                [{"name": "waits", "taskReferenceName": "b", "type": "SIMPLE"}]]},
              {"name": "join", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["a", "b"]}]}]\
          """);
      String id = send("POST", api.resolve("workflow/two-tasks?version=1"), "{}");
      takeTheJoinAlong();
      long killed = server.pid();
      ProcessHandle.of(killed).orElseThrow().destroyForcibly();
      while (server.pid() == killed) {
        Thread.sleep(20);
      }
      server.awaitHealthy(Listener.SILENT);

      for (String task : List.of("a", "b")) {
        send("POST", api.resolve("tasks/" + id + "/" + task + "/COMPLETED"), "{}");
      }

      long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
      JsonNode workflow = workflow(api, id);
      while (!workflow.path("status").asText().equals("COMPLETED") && System.nanoTime() < end) {
        Thread.sleep(100);
        workflow = workflow(api, id);
      }
      assertThat(workflow.path("status").asText()).as(workflow.toString()).isEqualTo("COMPLETED");
    }
  }

  /** The server may be about to free the join just now: until it stays. */
  private void takeTheJoinAlong() throws Exception {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:sqlite:" + state.resolve("conductor.db") + "?busy_timeout=15000");
        Statement statement = connection.createStatement()) {
      boolean taken = false;
      while (!taken) {
        statement.executeUpdate(
            "UPDATE queue_message SET popped = TRUE,"
                + " deliver_on = strftime('%Y-%m-%d %H:%M:%f', 'now', '+3600 seconds')"
                + " WHERE queue_name = 'JOIN'");
        Thread.sleep(300);
        try (ResultSet marked =
            statement.executeQuery(
                "SELECT 1 FROM queue_message WHERE queue_name = 'JOIN' AND popped")) {
          taken = marked.next();
        }
      }
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

  private static JsonNode workflow(URI api, String id) throws Exception {
    String answer = send("GET", api.resolve("workflow/" + id), "");
    return Json.parse("workflow", answer.getBytes(StandardCharsets.UTF_8));
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
