package dev.palimpsest.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.net.httpserver.HttpServer;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.CodeIndex;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.client.Conductor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a server's answers are taken for; the server says what the test wants. */
final class RunsTest {
  private static final String DEFINITION =
      """
      {"name": "small", "version": 1, "inputParameters": [], "tasks": [
        {"name": "prepare", "taskReferenceName": "prepare", "type": "SIMPLE",
         "inputParameters": {}}], "outputParameters": {}}
      """;

  private static final String ENDED =
      """
      {"workflowId": "run-1", "workflowDefinition": {"name": "small", "version": 1},
       "status": "COMPLETED", "tasks": [
        {"taskId": "t-1", "referenceTaskName": "prepare", "taskDefName": "prepare",
         "taskType": "prepare", "status": "COMPLETED"}]}
      """;

  private final MemoryStore store = new MemoryStore();
  private HttpServer server;
  private Conductor conductor;
  private Runs runs;
  private int status = 200;
  private int cancelled = 200;
  private String body = "";

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] answer = body.getBytes(StandardCharsets.UTF_8);
          String type = body.startsWith("<") ? "text/html" : "application/json";
          exchange.getResponseHeaders().add("Content-Type", type);
          boolean cancelling = exchange.getRequestMethod().equals("DELETE");
          exchange.sendResponseHeaders(cancelling ? cancelled : status, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    conductor = Conductor.at("http://127.0.0.1:" + server.getAddress().getPort(), "");
    var prepare =
        new Catalogue.StageEntry("prepare", "Prepares.", Lane.CPU, List.of(), List.of(), List.of());
    var catalogue = new Catalogue(List.of(prepare), List.of(), CodeIndex.NONE);
    runs = new Runs(conductor, store, catalogue, Clock.systemUTC());
    new RunJournal(store)
        .write(
            new RunJournal.Run(
                "run-1",
                "small",
                Json.parse("definition", DEFINITION.getBytes(StandardCharsets.UTF_8)),
                Json.object(),
                Map.of(),
                "2026-01-01T00:00:00Z"));
  }

  @AfterEach
  void close() {
    conductor.close();
    server.stop(0);
  }

  @Test
  void aStageThatEndedInAnotherStoreIsAFailure() {
    body = ENDED;
    assertThatThrownBy(() -> runs.view("run-1"))
        .isInstanceOf(Failure.class)
        .hasMessage(
            "Task 'prepare' ended but the store at "
                + store.where()
                + " holds no record of it; expected the workers to use the same --s3 and"
                + " --bucket.");
    assertThat(runs.ended("run-1")).isTrue();

    new RunJournal(store)
        .write(
            "run-1",
            new RunJournal.StageEntry(
                "prepare",
                "prepare",
                Digest.of("key"),
                1,
                false,
                1.5,
                1,
                "worker",
                Map.of(),
                Map.of(),
                "2026-01-01T00:00:02Z"));
    assertThat(runs.view("run-1").stages().getFirst().seconds()).isEqualTo(1.5);
  }

  @Test
  void aRunIsListedAsItStandsAndItsEndOutlivesConductor() {
    var journal = new RunJournal(store);
    var clock = InstantSource.fixed(Instant.parse("2026-01-01T00:01:00Z"));
    body = ENDED.replaceFirst("COMPLETED", "RUNNING");
    assertThat(new RunList(journal, Optional.of(conductor), clock).newest(1))
        .extracting(RunList.Line::state, RunList.Line::seconds)
        .containsExactly(tuple(RunList.State.RUNNING, 60.0));
    assertThat(new RunList(journal, Optional.empty(), clock).newest(1))
        .extracting(RunList.Line::state)
        .containsExactly(RunList.State.UNKNOWN);
    status = 404;
    assertThat(new RunList(journal, Optional.of(conductor), clock).newest(1))
        .extracting(RunList.Line::state)
        .containsExactly(RunList.State.LOST);
    status = 500;
    var list = new RunList(journal, Optional.of(conductor), clock);
    assertThat(list.newest(1))
        .extracting(RunList.Line::state)
        .containsExactly(RunList.State.UNKNOWN);
    assertThat(list.outOfReach()).isPresent();

    status = 200;
    body =
        ENDED.replaceFirst(
            "COMPLETED\"",
            "FAILED\", \"endTime\": " + Instant.parse("2026-01-01T00:00:07Z").toEpochMilli());
    assertThat(new RunList(journal, Optional.of(conductor), clock).newest(1))
        .extracting(RunList.Line::state, RunList.Line::seconds)
        .containsExactly(tuple(RunList.State.FAILED, 7.0));
    assertThat(new RunList(journal, Optional.empty(), clock).newest(1))
        .extracting(RunList.Line::state, RunList.Line::seconds)
        .containsExactly(tuple(RunList.State.FAILED, 7.0));
  }

  @Test
  void cancellingTellsWhetherTheRunHadEnded() {
    body = ENDED.replaceFirst("COMPLETED", "RUNNING");
    assertThat(conductor.cancel("run-1", "why")).isTrue();
    for (String how : List.of("COMPLETED", "TERMINATED")) {
      body = ENDED.replaceFirst("COMPLETED", how);
      assertThat(conductor.cancel("run-1", "why")).isFalse();
    }
    // It ends between the two questions.
    body = ENDED.replaceFirst("COMPLETED", "RUNNING");
    cancelled = 409;
    assertThat(conductor.cancel("run-1", "why")).isFalse();
  }

  @Test
  void aServerThatIsNotConductorIsToldOfInOneLine() {
    body = "<!DOCTYPE html>\n<html><p>Unsupported method.</p></html>";
    for (int each : new int[] {404, 501}) {
      status = each;
      assertThatThrownBy(conductor::registeredStages)
          .isInstanceOf(Failure.class)
          .hasMessage(
              "The server at "
                  + conductor.url()
                  + " gave no answer of Conductor's (HTTP "
                  + each
                  + "); expected a Conductor server there.");
    }
    status = 200;
    assertThatThrownBy(conductor::registeredStages)
        .isInstanceOf(Failure.class)
        .message()
        .contains("gave no answer of Conductor's")
        .doesNotContain("\n", "<");
  }

  @Test
  void aLongRefusalIsCut() {
    status = 400;
    body = "{\"status\": 400, \"message\": \"" + "x".repeat(1000) + "\"}";
    assertThatThrownBy(conductor::registeredStages)
        .isInstanceOf(Mistake.class)
        .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
        .hasSizeLessThan(300)
        .endsWith("…");
  }
}
