package dev.palimpsest.cli.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * This machine, as far as studies care.
 *
 * @param java the feature release of Java
 * @param memory bytes of memory, those that a container may have
 * @param free bytes of it that are free now, those included that only cache files
 * @param home where local mode keeps everything
 * @param writable whether files can be made there
 * @param room bytes that can be written there
 * @param avx2 whether the processor has the instructions that local workers compute with
 * @param listening whether a program may listen on 127.0.0.1
 */
public record Machine(
    int java,
    long memory,
    long free,
    Path home,
    boolean writable,
    long room,
    boolean avx2,
    boolean listening) {
  private static final long GIB = 1L << 30;
  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

  /** The one that this process runs on. */
  public static Machine here(Path home) {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    Path folder = existing(home);
    return new Machine(
        Runtime.version().feature(),
        system.getTotalMemorySize(),
        Math.max(system.getFreeMemorySize(), available()),
        home,
        writable(folder),
        room(folder),
        lines(PROCESSOR).anyMatch(line -> line.startsWith("flags") && line.contains(" avx2")),
        listens());
  }

  /** What there is to say of it. */
  public List<Finding> findings() {
    return List.of(
        javaFinding(), processorFinding(), memoryFinding(), diskFinding(), portFinding());
  }

  private Finding javaFinding() {
    return Finding.ok("Java", java + ", from " + System.getProperty("java.home"));
  }

  private Finding processorFinding() {
    String cores = Runtime.getRuntime().availableProcessors() + " cores";
    return avx2
        ? Finding.ok("Processor", cores + ", AVX2")
        : Finding.warning(
            "Processor",
            cores + ", without AVX2",
            "Local workers compute with AVX2; run studies on a worker elsewhere (--conductor,"
                + " --s3), or take other bits with --set numerics.");
  }

  private Finding memoryFinding() {
    String said = size(memory) + ", " + size(free) + " free";
    if (memory < 3 * GIB) {
      return Finding.warning(
          "Memory",
          said,
          "Conductor, the store and one worker need 3 GB together; start one worker alone with"
              + " --workers 1, or use servers elsewhere.");
    }
    return free < GIB
        ? Finding.warning(
            "Memory", said, "End programs that you do not need, or start fewer with --workers 1.")
        : Finding.ok("Memory", said);
  }

  private Finding diskFinding() {
    String said = size(room) + " of room in " + home;
    if (!writable) {
      return Finding.problem(
          "Disk",
          home + " cannot be written to",
          "Give yourself the right to write there, or name another folder with --home.");
    }
    if (room < GIB) {
      return Finding.problem(
          "Disk",
          said,
          "Make room ('palimpsest gc' removes what no run refers to), or name a folder on another"
              + " disk with --home.");
    }
    return room < 5 * GIB
        ? Finding.warning("Disk", said, "A study may need more: see 'palimpsest du'.")
        : Finding.ok("Disk", said);
  }

  private Finding portFinding() {
    return listening
        ? Finding.ok("Ports", "free ones on 127.0.0.1")
        : Finding.problem(
            "Ports",
            "nothing may listen on 127.0.0.1",
            "Allow this user to listen there (a sandbox or a container's rules forbid it), or use"
                + " servers elsewhere.");
  }

  private static String size(long bytes) {
    return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }

  /** Linux counts as free what it holds of files, too. */
  private static long available() {
    return lines(MEMORY)
        .filter(line -> line.startsWith("MemAvailable:"))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .mapToLong(kib -> Long.parseLong(kib) * 1024)
        .findFirst()
        .orElse(0);
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      return Stream.empty();
    }
  }

  private static Path existing(Path home) {
    Path folder = home.toAbsolutePath();
    while (!Files.isDirectory(folder) && folder.getParent() != null) {
      folder = folder.getParent();
    }
    return folder;
  }

  private static boolean writable(Path folder) {
    try {
      Files.delete(Files.createTempFile(folder, ".doctor", ""));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static long room(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      return 0;
    }
  }

  private static boolean listens() {
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
