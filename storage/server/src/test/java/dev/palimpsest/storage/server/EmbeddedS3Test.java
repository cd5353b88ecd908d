package dev.palimpsest.storage.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.Store;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedS3Test {
  private static final String UUID = "0b1c2d3e-0000-4000-8000-0123456789ab";

  @TempDir Path directory;

  @Test
  void objectsOutliveTheServer() {
    try (EmbeddedS3 server = TestServer.start(directory);
        Store store = TestServer.connect(server.endpoint())) {
      store.put("runs/a", "kept".getBytes(UTF_8));
    }
    try (EmbeddedS3 server = TestServer.start(directory);
        Store store = TestServer.connect(server.endpoint())) {
      assertThat(store.read("runs/a")).hasValue("kept".getBytes(UTF_8));
    }
  }

  @Test
  void aStoreThatIsConnectedSurvivesARestartOfItsServer() throws IOException {
    int port = freePort();
    EmbeddedS3 first = startAt(port);
    try (Store store = TestServer.connect(first.endpoint())) {
      store.put("runs/a", "kept".getBytes(UTF_8));
      first.close();
      assertThatThrownBy(() -> store.read("runs/a"))
          .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.isPassing()).isTrue());
      try (EmbeddedS3 second = startAt(port)) {
        assertThat(second.port()).isEqualTo(port);
        assertThat(store.read("runs/a")).hasValue("kept".getBytes(UTF_8));
      }
    }
  }

  @Test
  void aPortInUseIsAMistakeNamingIt() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> startAt(port))
          .isInstanceOf(Mistake.class)
          .hasMessage(
              "Port "
                  + port
                  + " is in use; expected it free for the store: stop what listens there or choose"
                  + " another port.");
    }
    try (EmbeddedS3 server = TestServer.start(directory)) {
      assertThat(server.port()).as("the directory was released").isPositive();
    }
  }

  @Test
  void oneDirectoryHasOneServer() {
    try (EmbeddedS3 server = TestServer.start(directory)) {
      assertThat(server.endpoint()).startsWith("http://127.0.0.1:");
      assertThatThrownBy(() -> TestServer.start(directory))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining(directory.toString())
          .hasMessageContaining("in use by another server");
    }
  }

  @Test
  void aDirectoryOfAnotherProcessIsWaitedFor() throws Exception {
    try (ServerProcess other = ServerProcess.start(directory)) {
      assertThatThrownBy(() -> TestServer.start(directory, Duration.ofMillis(300)))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("in use by another server");
      CompletableFuture<EmbeddedS3> waiting =
          CompletableFuture.supplyAsync(() -> TestServer.start(directory, Duration.ofMinutes(1)));
      Thread.sleep(300);
      assertThat(waiting).isNotDone();
      other.kill();
      try (EmbeddedS3 server = waiting.get(1, TimeUnit.MINUTES)) {
        assertThat(server.port()).isPositive();
      }
    }
  }

  @Test
  void aDirectoryThatCannotBeMadeIsAFailureNamingIt() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");
    assertThatThrownBy(() -> TestServer.start(file.resolve("objects")))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("file/objects")
        .hasMessageContaining("cannot be written to");
  }

  @Test
  void whatIsHalfWrittenIsNotListedAndIsSweptAtTheNextStart() throws IOException {
    Path bucket = directory.resolve(TestServer.BUCKET);
    List<Path> junk =
        List.of(
            bucket.resolve("runs/a-" + UUID),
            bucket.resolve("runs/deep/b-" + UUID),
            bucket.resolve(".mpus-" + UUID + "-runs/a-1"),
            bucket.resolve(".mpus-" + UUID + "-runs/a-stub"),
            bucket.resolve("tmp-" + UUID));
    try (EmbeddedS3 server = TestServer.start(directory);
        Store store = TestServer.connect(server.endpoint())) {
      store.put("runs/a", "whole".getBytes(UTF_8));
      store.put("runs/" + UUID, "whole too".getBytes(UTF_8));
      for (Path file : junk) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "half");
      }
      assertThat(store.list(""))
          .extracting(Store.Stat::key)
          .containsExactly("runs/" + UUID, "runs/a");
      assertThat(store.list("runs/")).hasSize(2);
    }
    try (EmbeddedS3 server = TestServer.start(directory);
        Store store = TestServer.connect(server.endpoint())) {
      assertThat(junk).noneMatch(Files::exists);
      assertThat(bucket.resolve(".mpus-" + UUID + "-runs")).doesNotExist();
      assertThat(store.read("runs/a")).hasValue("whole".getBytes(UTF_8));
      assertThat(store.read("runs/" + UUID)).hasValue("whole too".getBytes(UTF_8));
    }
  }

  private EmbeddedS3 startAt(int port) {
    return EmbeddedS3.start(directory, "127.0.0.1", port, TestServer.ACCESS, TestServer.SECRET);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
