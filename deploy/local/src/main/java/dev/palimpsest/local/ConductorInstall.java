package dev.palimpsest.local;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * Conductor's server as it lies in the machine's cache, ready for a quick start.
 *
 * <p>Layout: {@code conductor-<version>/server/} holds the extracted jar, {@code
 * conductor-<version>/jdk-<version>-<digest>/} the guard and the archive of loaded classes that one
 * JDK made. Each is complete once its name exists.
 *
 * @param server the extracted server's jar
 * @param guard a jar with {@link Guard} and {@link Succession} alone
 * @param archive the class-data archive (AppCDS) for exactly this class path and JDK
 */
record ConductorInstall(Path server, Path guard, Path archive) {
  private static final String MAIN = "com.netflix.conductor.Conductor";
  private static final List<Class<?>> OWN = List.of(Guard.class, Succession.class);

  /** Holds within this process what the lock file holds between processes. */
  private static final Object WITHIN = new Object();

  /**
   * Finds the server in the cache, or makes it there once, which takes 10 to 60 s.
   *
   * @param bootJar Conductor's executable jar
   * @param cache the machine's cache folder; several processes may ask at once
   * @throws Failure when the jar is missing or the cache cannot be written
   */
  static ConductorInstall prepare(Path bootJar, Path cache, Listener listener) {
    String version = version(bootJar);
    Path folder = cache.toAbsolutePath().resolve("conductor-" + version);
    ConductorInstall install = layout(folder, bootJar.getFileName().toString());
    if (install.isComplete()) {
      return install;
    }
    try {
      Files.createDirectories(folder);
      synchronized (WITHIN) {
        try (FileChannel channel =
                FileChannel.open(
                    folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = lock(channel, version, listener)) {
          install.make(bootJar, folder, version, listener);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      throw new Failure("Cannot prepare Conductor in " + folder + ": " + e.getMessage() + ".", e);
    }
    return install;
  }

  /** Whether {@link #prepare} has nothing left to do. */
  static boolean isPrepared(Path bootJar, Path cache) {
    Path folder = cache.toAbsolutePath().resolve("conductor-" + version(bootJar));
    return layout(folder, bootJar.getFileName().toString()).isComplete();
  }

  private static FileLock lock(FileChannel channel, String version, Listener listener)
      throws IOException {
    FileLock lock = channel.tryLock();
    if (lock == null) {
      listener.step("Waiting for another process that prepares Conductor " + version);
      lock = channel.lock();
    }
    return lock;
  }

  private static String version(Path bootJar) {
    try (JarFile jar = new JarFile(bootJar.toFile())) {
      String version = jar.getManifest().getMainAttributes().getValue("Implementation-Version");
      if (version == null) {
        throw new Failure(bootJar + " names no version in its manifest; expected Conductor's jar.");
      }
      return version;
    } catch (IOException e) {
      throw new Failure(
          "Cannot read Conductor's server from "
              + bootJar
              + ": "
              + e.getMessage()
              + "; build the project again to fetch it.",
          e);
    }
  }

  private static ConductorInstall layout(Path folder, String jarName) {
    Path forJdk = folder.resolve("jdk-" + System.getProperty("java.vm.version") + "-" + kind());
    return new ConductorInstall(
        folder.resolve("server").resolve(jarName),
        forJdk.resolve("guard.jar"),
        forJdk.resolve("classes.jsa"));
  }

  /** Tells apart what an archive does not survive: the virtual machine's build and our classes. */
  private static String kind() {
    return Digest.of(
            String.join(
                "\n",
                System.getProperty("java.vm.vendor"),
                System.getProperty("java.vm.name"),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Digest.of(bytes(Guard.class)).hex(),
                Digest.of(bytes(Succession.class)).hex()))
        .hex()
        .substring(0, 8);
  }

  private static byte[] bytes(Class<?> own) {
    String name = own.getSimpleName() + ".class";
    try (InputStream in = own.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the class path holds no " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isComplete() {
    return Files.exists(server) && Files.exists(archive);
  }

  private void make(Path bootJar, Path folder, String version, Listener listener)
      throws IOException {
    if (isComplete()) {
      return;
    }
    sweep(folder);
    if (!Files.exists(server)) {
      listener.step("Unpacking Conductor " + version + " (once per machine)");
      extract(bootJar, folder);
    }
    Files.createDirectories(guard.getParent());
    writeGuard(folder);
    listener.step("Teaching Java to start Conductor quickly (once per machine and JDK)");
    train(folder, listener);
  }

  /** Removes what a killed preparation left. */
  private static void sweep(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      for (Path path : all.filter(p -> p.getFileName().toString().startsWith("tmp-")).toList()) {
        delete(path);
      }
    }
  }

  static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }

  private void extract(Path bootJar, Path folder) throws IOException {
    Path raw = folder.resolve("tmp-server");
    Path log = folder.resolve("tmp-extract.log");
    Process process =
        new ProcessBuilder(
                JavaCommand.java().toString(),
                "-Djarmode=tools",
                "-jar",
                bootJar.toAbsolutePath().toString(),
                "extract",
                "--destination",
                raw.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    process.getOutputStream().close();
    int exitCode = process.onExit().join().exitValue();
    if (exitCode != 0) {
      throw new Failure(
          "Unpacking "
              + bootJar
              + " ended with exit code "
              + exitCode
              + ": "
              + new ChildLog(log).lastWords());
    }
    Files.delete(log);
    Files.move(raw, server.getParent(), StandardCopyOption.ATOMIC_MOVE);
  }

  private void writeGuard(Path folder) throws IOException {
    if (Files.exists(guard)) {
      return;
    }
    Path raw = folder.resolve("tmp-guard.jar");
    try (OutputStream out = Files.newOutputStream(raw);
        JarOutputStream jar = new JarOutputStream(out)) {
      for (Class<?> own : OWN) {
        jar.putNextEntry(new ZipEntry(own.getName().replace('.', '/') + ".class"));
        jar.write(bytes(own));
        jar.closeEntry();
      }
    }
    Files.move(raw, guard, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Starts the server once on a throw-away database; at its end Java writes the archive. */
  private void train(Path folder, Listener listener) throws IOException {
    Path scratch = Files.createDirectories(folder.resolve("tmp-training"));
    Path raw = scratch.resolve("classes.jsa");
    try (ConductorServer server =
        ConductorServer.launch(
            command("-XX:ArchiveClassesAtExit=" + raw),
            scratch,
            Ports.choose(0, "", ""),
            listener)) {
      server.awaitHealthy(listener);
      listener.step("Writing the archive of Conductor's classes");
      server.endInPeace();
    }
    if (!Files.exists(raw)) {
      throw new Failure(
          "Java wrote no class archive for Conductor: "
              + new ChildLog(scratch.resolve("conductor.log")).lastWords());
    }
    Files.move(raw, archive, StandardCopyOption.ATOMIC_MOVE);
    delete(scratch);
  }

  /** The command that starts the server, without the server's own arguments. */
  List<String> command() {
    return command("-XX:SharedArchiveFile=" + archive);
  }

  private List<String> command(String archiveFlag) {
    return JavaCommand.guarded(
        Arrays.asList(
            "-Xmx512m",
            "-Xss512k",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-Xlog:cds=off",
            "-Xlog:cds+dynamic=off",
            "--enable-native-access=ALL-UNNAMED",
            archiveFlag),
        server + System.getProperty("path.separator") + guard,
        Succession.class.getName(),
        List.of(MAIN));
  }
}
