package dev.palimpsest.storage.server;

import com.sun.management.OperatingSystemMXBean;
import dev.palimpsest.base.Digest;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.Store;
import dev.palimpsest.storage.StoredArtifacts;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * Measures what the way of an artifact costs beside a plain copy of the same file, client and
 * server in one process. Arguments: the size in MiB, and the rounds.
 */
public final class Throughput {
  private static final int MIB = 1 << 20;
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private static final String[] WAYS = {
    "plain copy",
    "plain copy and fsync",
    "SHA-256 of the file",
    "upload to the store",
    "put of an artifact (hash, look, upload)",
    "fetch of an artifact (download, hash, keep)"
  };

  /** What one way took: on the clock, and of all processors. */
  private record Cost(double seconds, double cpu) {}

  private final Path folder;
  private final int mebibytes;

  private Throughput(Path folder, int mebibytes) {
    this.folder = folder;
    this.mebibytes = mebibytes;
  }

  /** Prints a line for each way, in MiB/s: the median of the rounds. */
  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("palimpsest-throughput");
    var measured = new Throughput(folder, Integer.parseInt(args[0]));
    int rounds = Integer.parseInt(args[1]);
    try (EmbeddedS3 server = TestServer.start(folder.resolve("s3"));
        Store store = TestServer.connect(server.endpoint())) {
      var costs = new Cost[WAYS.length][rounds];
      for (int round = -1; round < rounds; round++) {
        Cost[] each = measured.round(store, round);
        for (int way = 0; round >= 0 && way < each.length; way++) {
          costs[way][round] = each[way];
        }
      }
      System.out.printf("%-44s %8s %14s %10s%n", "", "MiB/s", "of plain copy", "CPU s/GiB");
      double copy = median(costs[0], Cost::seconds);
      for (int way = 0; way < WAYS.length; way++) {
        double seconds = median(costs[way], Cost::seconds);
        System.out.printf(
            Locale.ROOT,
            "%-44s %8.0f %14.2f %10.2f%n",
            WAYS[way],
            measured.mebibytes / seconds,
            copy / seconds,
            median(costs[way], Cost::cpu) * 1024 / measured.mebibytes);
      }
    } finally {
      delete(folder);
    }
  }

  private Cost[] round(Store store, int round) throws IOException {
    Path file = write(round);
    Path copy = folder.resolve("copy");
    var artifacts = new StoredArtifacts(store, folder.resolve("cache" + round));
    var reference = new Reference[1];
    Cost[] costs = {
      cost(() -> Files.copy(file, copy)),
      cost(() -> {
        Files.delete(copy);
        Files.copy(file, copy);
        try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }),
      cost(() -> hash(file)),
      cost(() -> store.upload("raw/" + (round + 1), file)),
      cost(() -> reference[0] = artifacts.put("checkpoint", file, List.of())),
      cost(() -> artifacts.fetch(reference[0]))
    };
    store.delete("raw/" + (round + 1));
    Files.delete(copy);
    Files.delete(file);
    delete(folder.resolve("cache" + round));
    return costs;
  }

  private Path write(int round) throws IOException {
    Path file = folder.resolve("file" + round);
    var random = new Random(round);
    byte[] chunk = new byte[MIB];
    try (var out = Files.newOutputStream(file)) {
      for (int i = 0; i < mebibytes; i++) {
        random.nextBytes(chunk);
        out.write(chunk);
      }
    }
    return file;
  }

  private static void hash(Path file) throws IOException {
    MessageDigest digest = Digest.algorithm();
    byte[] chunk = new byte[MIB];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        digest.update(chunk, 0, read);
      }
    }
    digest.digest();
  }

  private interface Action {
    void run() throws IOException;
  }

  private static Cost cost(Action action) throws IOException {
    long start = System.nanoTime();
    long cpu = PROCESS.getProcessCpuTime();
    action.run();
    return new Cost((System.nanoTime() - start) / 1e9, (PROCESS.getProcessCpuTime() - cpu) / 1e9);
  }

  private static double median(Cost[] costs, ToDoubleFunction<Cost> of) {
    double[] sorted = Arrays.stream(costs).mapToDouble(of).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static void delete(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
