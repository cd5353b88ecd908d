package dev.palimpsest.storage.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.S3Settings;
import dev.palimpsest.storage.S3Store;
import dev.palimpsest.storage.Store;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong between us and a store is told in one sentence. */
final class S3StoreFailuresTest {
  @TempDir Path directory;

  @Test
  void aWrongSecretIsRefusedAndNeverShown() {
    try (EmbeddedS3 server = TestServer.start(directory)) {
      S3Settings wrong =
          new S3Settings(
              server.endpoint(), "us-east-1", TestServer.BUCKET, "tester", "guessed-wrong");
      assertThatThrownBy(() -> S3Store.connect(wrong))
          .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.isPassing()).isFalse())
          .hasMessageContaining("does not accept the access key 'tester'")
          .hasMessageContaining(server.endpoint())
          .message()
          .doesNotContain("guessed-wrong")
          .doesNotContain("\n");
      assertThat(wrong.toString()).contains("tester").doesNotContain("guessed-wrong");
    }
  }

  @Test
  void aWrongAccessKeyIsRefused() {
    try (EmbeddedS3 server = TestServer.start(directory)) {
      S3Settings wrong =
          new S3Settings(server.endpoint(), "us-east-1", TestServer.BUCKET, "nobody", "guess");
      assertThatThrownBy(() -> S3Store.connect(wrong))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("access key 'nobody'");
    }
  }

  @Test
  void aStoreThatIsNotThereIsAPassingFailure() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = socket.getLocalPort();
    }
    String endpoint = "http://127.0.0.1:" + port;
    assertThatThrownBy(() -> TestServer.connect(endpoint))
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.isPassing()).isTrue())
        .hasMessageStartingWith(
            "The store at " + endpoint + " cannot be reached: connection refused")
        .hasMessageEndingWith("expected an S3 server there.");
  }

  @Test
  void anUnknownHostIsAFailureNamingIt() {
    assertThatThrownBy(() -> TestServer.connect("http://no-such-host.invalid:9000"))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("http://no-such-host.invalid:9000 cannot be reached: no such host");
  }

  @Test
  void aServerThatIsNoS3ServerIsToldApart() throws Exception {
    try (ServerSocket web = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
      Thread answering = Thread.ofPlatform().daemon().start(() -> answerAsAWebPage(web));
      assertThatThrownBy(() -> TestServer.connect("http://127.0.0.1:" + web.getLocalPort()))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("http://127.0.0.1:" + web.getLocalPort());
      web.close();
      answering.join();
    }
  }

  @Test
  void aCertificateThatNoAuthorityVouchesForIsAFailureWithItsCure() throws Exception {
    HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(selfSigned()));
    server.start();
    try {
      String endpoint = "https://127.0.0.1:" + server.getAddress().getPort();
      assertThatThrownBy(() -> TestServer.connect(endpoint))
          .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.isPassing()).isFalse())
          .hasMessageStartingWith("The store at " + endpoint + " shows a certificate")
          .hasMessageContaining("SSL_CERT_FILE");
    } finally {
      server.stop(0);
    }
  }

  private SSLContext selfSigned() throws Exception {
    Path file = directory.resolve("lab.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    String made = "-genkeypair -alias lab -keyalg EC -dname CN=lab -ext SAN=IP:127.0.0.1";
    List<String> command = new ArrayList<>(List.of(keytool));
    command.addAll(List.of(made.split(" ", -1)));
    command.addAll(List.of("-keystore", file.toString(), "-storepass", "changeit"));
    assertThat(
            new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor())
        .isZero();
    char[] password = "changeit".toCharArray();
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(KeyStore.getInstance(file.toFile(), password), password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  /** MinIO gives this answer to small writes now and then on a machine under load. */
  @Test
  void aBodyThatDidNotArriveInFullIsAPassingFailure() throws IOException {
    try (var server = new Refusing("IncompleteBody", Integer.MAX_VALUE);
        Store store = TestServer.connect(server.endpoint())) {
      assertThatThrownBy(() -> store.put("blobs/a", new byte[1]))
          .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.isPassing()).isTrue())
          .hasMessageContaining("IncompleteBody")
          .hasMessageEndingWith("it may take it later.");
    }
  }

  /** MinIO answers so while another request removes the folder that the object goes into. */
  @ParameterizedTest
  @ValueSource(strings = {"AccessDenied", "IncompleteBody"})
  void aWriteThatIsRefusedForAMomentIsSentAgain(String code) throws IOException {
    try (var server = new Refusing(code, 5);
        Store store = TestServer.connect(server.endpoint())) {
      store.put("blobs/a", new byte[1]);
      assertThat(server.puts()).isEqualTo(6);
      assertThat(store.putIfAbsent("blobs/b", new byte[1])).isTrue();
    }
  }

  @Test
  void aWriteThatIsAlwaysDeniedNamesTheCredentials() throws IOException {
    try (var server = new Refusing("AccessDenied", Integer.MAX_VALUE);
        Store store = TestServer.connect(server.endpoint())) {
      assertThatThrownBy(() -> store.put("blobs/a", new byte[1]))
          .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.isPassing()).isFalse())
          .hasMessageContaining("AccessDenied, when writing blobs/a")
          .hasMessageContaining("may read and write the bucket " + TestServer.BUCKET);
    }
  }

  /** A server that refuses the first writes and takes all else. */
  private static final class Refusing implements AutoCloseable {
    private final HttpServer http;
    private final AtomicInteger puts = new AtomicInteger();

    Refusing(String code, int times) throws IOException {
      byte[] error =
          "<Error><Code>%s</Code><Message>No.</Message></Error>".formatted(code).getBytes(UTF_8);
      http = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
      http.createContext(
          "/",
          exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "application/xml");
            exchange.getResponseHeaders().add("ETag", "\"0\"");
            boolean refused =
                exchange.getRequestMethod().equals("PUT") && puts.incrementAndGet() <= times;
            int status = code.equals("AccessDenied") ? 403 : 400;
            exchange.sendResponseHeaders(refused ? status : 200, refused ? error.length : -1);
            if (refused) {
              exchange.getResponseBody().write(error);
            }
            exchange.close();
          });
      http.start();
    }

    String endpoint() {
      return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    int puts() {
      return puts.get();
    }

    @Override
    public void close() {
      http.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:9000", "ftp://x", "http://", "http://a b", "", "http://h/x"})
  void whatIsNoEndpointIsAMistakeNamingIt(String endpoint) {
    assertThatThrownBy(() -> TestServer.settings(endpoint))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("'" + endpoint + "' is no S3 endpoint; expected http://host:port");
  }

  @Test
  void aBucketNameThatS3DoesNotKnowIsAMistakeNamingIt() {
    assertThatThrownBy(() -> new S3Settings("http://h:1", "r", "My_Bucket", "a", "s"))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("'My_Bucket' is no bucket name");
  }

  /** A limit on the size of files stands for a full disk: the write fails half-way. */
  @Test
  void aFullDiskIsAPlainFailureAndTheOldObjectStays() throws IOException {
    List<String> limited = List.of("sh", "-c", "ulimit -f 4096; exec \"$@\"", "sh");
    try (ServerProcess server = ServerProcess.start(directory.resolve("objects"), limited);
        Store store = TestServer.connect(server.endpoint())) {
      store.put("blobs/a", "old".getBytes(UTF_8));
      Path large = Files.write(directory.resolve("large"), new byte[12 << 20]);
      Path larger = Files.write(directory.resolve("larger"), new byte[40 << 20]);
      for (Path file : List.of(large, larger)) {
        assertThatThrownBy(() -> store.upload("blobs/a", file))
            .isInstanceOf(Failure.class)
            .hasMessageContaining("refused writing blobs/a")
            .hasMessageContaining("is its disk full or read-only?")
            .message()
            .doesNotContain("\n");
      }
      assertThat(store.read("blobs/a")).hasValue("old".getBytes(UTF_8));
      assertThat(store.list("")).hasSize(1);
    }
  }

  /** A file where a folder is needed stands for a folder that cannot be written to. */
  @Test
  void aFolderThatCannotBeWrittenToIsAPlainFailure() throws IOException {
    try (EmbeddedS3 server = TestServer.start(directory);
        Store store = TestServer.connect(server.endpoint())) {
      Files.writeString(directory.resolve(TestServer.BUCKET).resolve("blobs"), "x");
      assertThatThrownBy(() -> store.put("blobs/a", new byte[1]))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("refused writing blobs/a")
          .hasMessageContaining("is its disk full or read-only?");
    }
  }

  private static void answerAsAWebPage(ServerSocket web) {
    while (!web.isClosed()) {
      try (Socket socket = web.accept();
          OutputStream out = socket.getOutputStream()) {
        out.write(
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno"
                .getBytes(UTF_8));
      } catch (IOException e) {
        return;
      }
    }
  }
}
