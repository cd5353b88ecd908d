package dev.palimpsest.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.S3Settings;
import dev.palimpsest.storage.S3Store;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a real Conductor server, a real S3 server and real child processes. */
class LocalServicesTest {
  @TempDir Path home;

  @Test
  void whatIsUpIsFoundKeepsItsSecretAndIsForgottenAtTheEnd() throws Exception {
    List<ProcessHandle> children;
    try (LocalServices services =
        LocalServices.up(Children.Supervisor.options(home), Listener.SILENT)) {
      assertThat(LocalServices.find(home)).contains(services.running());
      assertThat(services.running().pid()).isEqualTo(ProcessHandle.current().pid());

      Path worker = home.resolve("workers/local-2");
      while (!Files.exists(worker.resolve("environment"))) {
        Thread.sleep(20);
      }
      assertThat(Files.readString(worker.resolve("arguments")))
          .isEqualTo(
              "--conductor "
                  + services.running().conductor()
                  + " --s3 "
                  + services.running().s3()
                  + " --id local-2 --state "
                  + worker);
      String secret = services.credentials().secretKey();
      assertThat(Files.readString(worker.resolve("environment")))
          .contains("PALIMPSEST_S3_ACCESS_KEY=" + services.credentials().accessKey())
          .contains("PALIMPSEST_S3_SECRET_KEY=" + secret)
          .contains("OMP_NUM_THREADS=1", "MKL_NUM_THREADS=1", "OMP_WAIT_POLICY=passive")
          .contains("ATEN_CPU_CAPABILITY=avx2", "ONEDNN_MAX_CPU_ISA=AVX2", "MKL_CBWR=AVX2");

      children = ProcessHandle.current().children().toList();
      assertThat(children.stream().map(ProcessHandle::pid)).containsAll(services.workerPids());
      assertThat(children.stream().map(child -> commandLine(child)))
          .isNotEmpty()
          .noneMatch(line -> line.contains(secret));
      assertThat(filesThatHold(secret)).containsExactly(home.resolve("credentials.json"));
      assertThat(services.credentials().toString()).doesNotContain(secret);

      assertThatThrownBy(() -> LocalServices.up(Children.Supervisor.options(home), Listener.SILENT))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid())
          .hasMessageContaining("--home");
      assertThat(LocalServices.find(home)).contains(services.running());
    }
    assertThat(home.resolve("services.json")).doesNotExist();
    assertThat(children).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void everythingEndsWithASupervisorThatIsKilledAndTheNextOneStarts() throws Exception {
    Process supervisor = Children.start(Children.Supervisor.class, home.toString());
    assertThat(GuardTest.firstLine(supervisor)).isEqualTo("up " + supervisor.pid());
    Running first = LocalServices.find(home).orElseThrow();
    Credentials keys = Credentials.read(home);
    List<ProcessHandle> children = supervisor.descendants().toList();
    assertThat(children).hasSize(3);

    Path claim = leaveClaim(first, keys);

    supervisor.destroyForcibly().waitFor();

    for (ProcessHandle child : children) {
      child.onExit().get(60, TimeUnit.SECONDS);
    }
    assertThat(home.resolve("services.json")).exists();
    assertThat(LocalServices.find(home)).isEmpty();
    try (LocalServices next =
        LocalServices.up(Children.Supervisor.options(home), Listener.SILENT)) {
      assertThat(next.running()).isNotEqualTo(first);
      assertThat(next.credentials()).isEqualTo(keys);
      while (Files.exists(claim)) {
        Thread.sleep(100);
      }
    }
  }

  /** A claim whose owner has not been heard of for two hours: the file in the store's folder. */
  private Path leaveClaim(Running running, Credentials keys) throws IOException {
    String key = "claims/" + "0".repeat(64);
    try (S3Store store =
        S3Store.connect(
            new S3Settings(
                running.s3().toString(),
                "us-east-1",
                running.bucket(),
                keys.accessKey(),
                keys.secretKey()))) {
      store.put(key, new byte[] {1});
    }
    Path file = home.resolve("store").resolve(running.bucket()).resolve(key);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    return file;
  }

  @Test
  void aFileThatNamesALivingProcessButServersThatAreGoneIsStale() throws Exception {
    URI nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
    new Running(
            ProcessHandle.current().pid(),
            nobody,
            nobody,
            "bucket",
            "2026-01-01T00:00:00Z",
            Optional.empty())
        .write(home);

    assertThat(LocalServices.find(home)).isEmpty();
    Files.writeString(home.resolve("services.json"), "{\"pid\": 1, \"port\": 2}");
    assertThat(LocalServices.find(home)).isEmpty();
  }

  @Test
  void anS3PortInUseIsAMistakeThatNamesPortAndOption() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      LocalServices.Options free = Children.Supervisor.options(home);
      var options =
          new LocalServices.Options(
              home,
              free.cache(),
              free.conductorJar(),
              free.workerCommand(),
              1,
              free.numerics(),
              0,
              port);

      assertThatThrownBy(() -> LocalServices.up(options, Listener.SILENT))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("Port " + port)
          .hasMessageContaining("--s3-port");
      assertThat(home.resolve("services.json")).doesNotExist();
      HomeLock.take(home).close();
    }
  }

  @Test
  void aLockTellsWhoHoldsItAndEndsWithItsHolder() throws Exception {
    Process holder = Children.start(Children.Holder.class, home.toString());
    assertThat(GuardTest.firstLine(holder)).isEqualTo("holds HomeLock");

    assertThatThrownBy(() -> HomeLock.take(home))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("process " + holder.pid());
    assertThat(LocalServices.supervisor(home)).contains(holder.pid());

    holder.destroyForcibly().waitFor();
    assertThat(LocalServices.supervisor(home)).isEmpty();
    HomeLock.take(home).close();
  }

  @Test
  void theKeysAreMadeOnceReadableByTheOwnerAlone() throws Exception {
    Credentials made = Credentials.readOrMake(home);
    Path file = home.resolve("credentials.json");
    assertThat(made.accessKey()).hasSize(20);
    assertThat(made.secretKey()).hasSize(40);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(Credentials.readOrMake(home)).isEqualTo(made);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  private static String commandLine(ProcessHandle process) {
    return process.info().command().orElse("")
        + String.join(" ", process.info().arguments().orElse(new String[0]));
  }

  /** Files below home that hold these words, but for what the test's workers write on purpose. */
  private List<Path> filesThatHold(String words) throws IOException {
    try (Stream<Path> all = Files.walk(home)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.endsWith("environment"))
          .filter(file -> holds(file, words))
          .toList();
    }
  }

  private static boolean holds(Path file, String words) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(words);
    } catch (IOException e) {
      return false;
    }
  }
}
