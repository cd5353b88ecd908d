package dev.palimpsest.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.netflix.conductor.client.http.ConductorClient;
import com.netflix.conductor.client.http.TaskClient;
import com.netflix.conductor.client.http.WorkflowClient;
import com.sun.net.httpserver.HttpServer;
import dev.palimpsest.base.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With a server that answers as Conductor 3.32 does. */
final class ReminderTest {
  private static final String DECIDE = "PUT /api/workflow/decide/w1";
  private static final String REPAIR = "POST /api/admin/consistency/verifyAndRepair/w1";
  private static final String REQUEUE = "POST /api/tasks j1 IN_PROGRESS 0";

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile String other = "COMPLETED";
  private volatile int repairStatus = 200;
  private HttpServer server;
  private ConductorClient client;
  private Reminder reminder;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String request = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
          byte[] body = exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          byte[] answer = answer(request, body).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(request.equals(REPAIR) ? repairStatus : 200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    client =
        ConductorClient.builder()
            .basePath("http://127.0.0.1:" + server.getAddress().getPort() + "/api")
            .build();
    reminder = new Reminder(client, new WorkflowClient(client), new TaskClient(client));
  }

  @AfterEach
  void stop() {
    client.shutdown();
    server.stop(0);
  }

  private String answer(String request, byte[] body) {
    if (request.equals("GET /api/workflow/search")) {
      return "{\"totalHits\": 1, \"results\": [{\"workflowId\": \"w1\"}]}";
    }
    if (request.equals("GET /api/workflow/w1")) {
      return """
      {"workflowId": "w1", "status": "RUNNING", "tasks": [
        {"taskId": "a1", "taskType": "train", "referenceTaskName": "a", "status": "COMPLETED"},
        {"taskId": "b1", "taskType": "train", "referenceTaskName": "b", "status": "%s"},
        {"taskId": "j1", "taskType": "JOIN", "referenceTaskName": "j", "workflowInstanceId": "w1",
         "status": "IN_PROGRESS", "inputData": {"joinOn": ["a", "b"]}}]}\
      """
          .formatted(other);
    }
    if (request.equals("POST /api/tasks")) {
      var update = Json.parse("update", body);
      asked.add(
          "%s %s %s %s"
              .formatted(
                  request,
                  update.path("taskId").asText(),
                  update.path("status").asText(),
                  update.path("callbackAfterSeconds").asText()));
      return "j1";
    }
    asked.add(request);
    return "";
  }

  @Test
  void aJoinThatIsDueAtTwoLooksIsQueuedAgain() {
    reminder.remind();
    assertThat(asked).containsExactly(DECIDE, REPAIR);
    asked.clear();
    reminder.remind();
    assertThat(asked).containsExactly(DECIDE, REQUEUE, REPAIR);
  }

  @Test
  void aJoinThatWaitsIsLeftAlone() {
    other = "IN_PROGRESS";
    reminder.remind();
    reminder.remind();
    assertThat(asked).containsExactly(DECIDE, REPAIR, DECIDE, REPAIR);
  }

  @Test
  void aServerThatDoesNotRepairIsRemindedAllTheSame() {
    repairStatus = 500;
    reminder.remind();
    reminder.remind();
    assertThat(asked).containsExactly(DECIDE, REPAIR, DECIDE, REQUEUE, REPAIR);
  }
}
