package dev.palimpsest.worker;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.tasks.Numerics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What this process computes with: the engine as it was loaded, and the kernels to which the
 * variables that it was started with hold it.
 *
 * @param numerics what it computes with
 * @param unpinned why it is not held to AVX2 kernels, a phrase each; empty if it is
 */
record MachineNumerics(Numerics numerics, List<String> unpinned) {
  private static final String AVX2 = "avx2";

  /** Torch, oneDNN and MKL each choose kernels by themselves unless told. */
  private static final Map<String, String> PINS =
      new TreeMap<>(
          Map.of("ATEN_CPU_CAPABILITY", "avx2", "ONEDNN_MAX_CPU_ISA", "AVX2", "MKL_CBWR", "AVX2"));

  /**
   * The numerics of a process.
   *
   * @param device {@code cpu} or {@code gpu:0}
   * @param environment the variables of the process
   * @param engine name and version, as the engine itself says
   * @param cpuinfo the lines of {@code /proc/cpuinfo}; empty where there is none
   * @throws Mistake if the number of threads is none
   */
  static MachineNumerics of(
      String device, Map<String, String> environment, String engine, List<String> cpuinfo) {
    List<String> unpinned = unpinned(environment, cpuinfo);
    return new MachineNumerics(
        new Numerics(
            device.startsWith("gpu") ? "gpu" : device,
            threads(environment),
            unpinned.isEmpty() ? AVX2 : "native " + processor(cpuinfo),
            engine),
        unpinned);
  }

  private static List<String> unpinned(Map<String, String> environment, List<String> cpuinfo) {
    var reasons = new ArrayList<String>();
    PINS.forEach((name, wanted) -> {
      String value = environment.get(name);
      if (!wanted.equals(value)) {
        reasons.add(
            name + " is " + (value == null ? "not set" : "'" + value + "'") + " and not " + wanted);
      }
    });
    Optional<String> flags = field(cpuinfo, "flags");
    if (flags.isPresent() && !List.of(flags.get().split(" ")).contains(AVX2)) {
      reasons.add("the processor has no AVX2");
    }
    return List.copyOf(reasons);
  }

  private static int threads(Map<String, String> environment) {
    String given = environment.get("OMP_NUM_THREADS");
    if (given == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    try {
      int threads = Integer.parseInt(given);
      if (threads > 0) {
        return threads;
      }
    } catch (NumberFormatException e) {
      // Told below, as a number below one is.
    }
    throw new Mistake("OMP_NUM_THREADS is '" + given + "'; expected an integer of 1 or more.");
  }

  /** The lines of {@code /proc/cpuinfo}; empty on a system without it. */
  static List<String> cpuinfo() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo"));
    } catch (IOException e) {
      return List.of();
    }
  }

  /** The processor's name as the system tells it. */
  static String processor() {
    return processor(cpuinfo());
  }

  private static String processor(List<String> cpuinfo) {
    return field(cpuinfo, "model name").orElse(System.getProperty("os.arch"));
  }

  private static Optional<String> field(List<String> cpuinfo, String name) {
    return cpuinfo.stream()
        .filter(line -> line.startsWith(name) && line.contains(":"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst();
  }
}
