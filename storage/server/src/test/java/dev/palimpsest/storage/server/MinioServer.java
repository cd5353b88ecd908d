package dev.palimpsest.storage.server;

import dev.palimpsest.storage.S3Settings;
import dev.palimpsest.storage.S3Store;
import dev.palimpsest.storage.Store;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A MinIO server on a directory; the environment's PALIMPSEST_MINIO names its program. */
final class MinioServer implements AutoCloseable {
  private static final Duration LONGEST_START = Duration.ofSeconds(60);

  private final Process process;
  private final Path directory;
  private final String endpoint;
  private int buckets;

  private MinioServer(Process process, Path directory, String endpoint) {
    this.process = process;
    this.directory = directory;
    this.endpoint = endpoint;
  }

  static MinioServer start(Path directory) throws IOException, InterruptedException {
    return start(directory, List.of());
  }

  /**
   * Starts it and waits until it answers.
   *
   * @param launcher what runs the command line, such as a shell that sets limits
   */
  static MinioServer start(Path directory, List<String> launcher)
      throws IOException, InterruptedException {
    String program =
        Optional.ofNullable(System.getenv("PALIMPSEST_MINIO"))
            .orElseThrow(() ->
                new AssertionError(
                    "PALIMPSEST_MINIO is not set; expected the path of a MinIO server, such as"
                        + " deploy/cluster/build-minio prints."));
    String address = "127.0.0.1:" + freePort();
    var command = new ArrayList<>(launcher);
    command.addAll(List.of(program, "server", "--quiet", "--address", address));
    command.addAll(List.of("--console-address", "127.0.0.1:0", directory.toString()));
    var builder = new ProcessBuilder(command);
    builder.environment().put("MINIO_ROOT_USER", TestServer.ACCESS);
    builder.environment().put("MINIO_ROOT_PASSWORD", TestServer.SECRET);
    Path log = directory.resolveSibling("minio.log");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    var server = new MinioServer(process, directory, "http://" + address);
    long end = System.nanoTime() + LONGEST_START.toNanos();
    while (!server.ready()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        server.close();
        throw new AssertionError("MinIO did not start: " + Files.readString(log));
      }
      Thread.sleep(50);
    }
    return server;
  }

  String endpoint() {
    return endpoint;
  }

  /** Connects to a bucket that no one used before. */
  Store connect() {
    buckets++;
    return S3Store.connect(
        new S3Settings(endpoint, "us-east-1", bucket(), TestServer.ACCESS, TestServer.SECRET));
  }

  /** The folder of the bucket made last. */
  Path folder() {
    return directory.resolve(bucket());
  }

  private String bucket() {
    return TestServer.BUCKET + "-" + buckets;
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  private boolean ready() throws InterruptedException {
    URI health = URI.create(endpoint + "/minio/health/ready");
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
                  HttpRequest.newBuilder(health).build(), HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
