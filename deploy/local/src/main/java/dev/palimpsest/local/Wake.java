package dev.palimpsest.local;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a restarted Conductor look at every running workflow again.
 *
 * <p>A server that is killed while it evaluates a join takes the join's queue message along;
 * nothing else would ask for that join again.
 */
final class Wake {
  private static final Logger LOG = LoggerFactory.getLogger(Wake.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final int ROUNDS = 3;
  private static final Duration PAUSE = Duration.ofSeconds(15);

  private final URI conductor;

  private Wake(URI conductor) {
    this.conductor = conductor;
  }

  /** Begins in the background. */
  static void begin(URI conductor) {
    Thread.ofPlatform().daemon().name("wake").start(new Wake(conductor)::run);
  }

  private void run() {
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int round = 0; round < ROUNDS; round++) {
        while (!Probe.isHealthy(conductor.resolve("/health"))) {
          Thread.sleep(200);
        }
        wake(client);
        Thread.sleep(PAUSE);
      }
    } catch (IOException e) {
      LOG.info("Conductor was not woken: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void wake(HttpClient client) throws IOException, InterruptedException {
    String running =
        send(
            client,
            HttpRequest.newBuilder(
                conductor.resolve("/api/workflow/search?size=1000&query=status%20IN%20(RUNNING)")));
    for (JsonNode workflow :
        Json.read("Conductor's answer", running, JsonNode.class).path("results")) {
      String id = workflow.path("workflowId").asText();
      send(
          client,
          HttpRequest.newBuilder(conductor.resolve("/api/admin/sweep/requeue/" + id))
              .POST(HttpRequest.BodyPublishers.noBody()));
    }
  }

  private static String send(HttpClient client, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    HttpResponse<String> answer =
        client.send(request.timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() >= 400) {
      throw new IOException("HTTP " + answer.statusCode() + " for " + answer.uri());
    }
    return answer.body();
  }
}
