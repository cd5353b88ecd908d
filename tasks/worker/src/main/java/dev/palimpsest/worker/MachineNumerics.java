package dev.palimpsest.worker;

import dev.palimpsest.tasks.Numerics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What this process computes with, from the environment that the engine reads at its start. */
final class MachineNumerics {
  private MachineNumerics() {}

  /**
   * The numerics of this process.
   *
   * @param device {@code cpu} or {@code gpu:0}
   */
  static Numerics of(String device, Map<String, String> environment) {
    int threads =
        Integer.parseInt(
            environment.getOrDefault(
                "OMP_NUM_THREADS", Integer.toString(Runtime.getRuntime().availableProcessors())));
    boolean pinned =
        "avx2".equals(environment.get("ATEN_CPU_CAPABILITY"))
            && "AVX2".equals(environment.get("ONEDNN_MAX_CPU_ISA"));
    return new Numerics(
        device.startsWith("gpu") ? "gpu" : device,
        threads,
        pinned ? "avx2" : "native " + processor(),
        Numerics.PINNED_CPU.engine());
  }

  /** The processor's name as the system tells it. */
  static String processor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }
}
