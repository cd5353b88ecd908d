package dev.palimpsest.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.NullNode;
import com.netflix.conductor.client.http.ConductorClient;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With a server that takes the first update and dies before it says so. */
final class ConductorTasksTest {
  private static final String UPDATE = "POST /api/tasks";

  private final List<String> updates = new CopyOnWriteArrayList<>();
  private volatile String holder = "local-1";
  private HttpServer server;
  private ConductorClient client;
  private ConductorTasks source;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String request = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
          boolean update = request.equals(UPDATE);
          if (update) {
            updates.add(request);
          }
          byte[] answer = (update ? "t1" : task()).getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(update && updates.size() == 1 ? 503 : 200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    client =
        ConductorClient.builder()
            .basePath("http://127.0.0.1:" + server.getAddress().getPort() + "/api")
            .build();
    source = new ConductorTasks(client, new Stages(List.of()), "local-1");
  }

  @AfterEach
  void stop() {
    client.shutdown();
    server.stop(0);
  }

  private String task() {
    return """
    {"taskId": "t1", "taskDefName": "word", "referenceTaskName": "w", "workflowInstanceId": "w1",
     "status": "IN_PROGRESS", "workerId": "%s", "inputData": {}}\
    """
        .formatted(holder);
  }

  @Test
  void aTaskThatIsStillOursIsGivenBackAgain() {
    source.giveBack(held(), Duration.ZERO, "busy");
    assertThat(updates).hasSize(2);
  }

  /** Otherwise a computation that another worker began meanwhile would be taken from it. */
  @Test
  void aTaskThatAnotherWasHandedMeanwhileIsNotGivenBackAgain() {
    holder = "local-2";
    source.giveBack(held(), Duration.ZERO, "busy");
    assertThat(updates).hasSize(1);
  }

  private static TaskSource.Task held() {
    return new TaskSource.Task("t1", "w1", "w", "word", NullNode.getInstance(), 1);
  }
}
