package dev.palimpsest.local;

import dev.palimpsest.tasks.Numerics;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The variables that make a worker's kernels compute the bits of a numerics profile. */
public final class WorkerEnvironment {
  private WorkerEnvironment() {}

  /**
   * The variables for a profile; they must be set before the worker's process starts.
   *
   * <p>A profile with native instructions fixes the threads alone.
   */
  public static Map<String, String> of(Numerics profile) {
    Map<String, String> variables = new TreeMap<>();
    String threads = Integer.toString(profile.threads());
    variables.put("OMP_NUM_THREADS", threads);
    variables.put("MKL_NUM_THREADS", threads);
    // Threads that wait do not spin: workers share the machine's cores.
    variables.put("OMP_WAIT_POLICY", "passive");
    // DJL reports its use to its makers unless told otherwise.
    variables.put("OPT_OUT_TRACKING", "true");
    if (!profile.instructions().startsWith("native")) {
      String set = profile.instructions();
      variables.put("ATEN_CPU_CAPABILITY", set);
      variables.put("ONEDNN_MAX_CPU_ISA", set.toUpperCase(Locale.ROOT));
      variables.put("MKL_CBWR", set.toUpperCase(Locale.ROOT));
    }
    return Map.copyOf(variables);
  }

  /**
   * This process's variables with those of the profile over them.
   *
   * @param cache the machine's cache folder, below which DJL keeps its native libraries
   */
  public static Map<String, String> inherited(Numerics profile, Path cache) {
    Map<String, String> variables = new TreeMap<>(System.getenv());
    variables.putIfAbsent("DJL_CACHE_DIR", cache.toAbsolutePath().resolve("djl").toString());
    variables.putAll(of(profile));
    return Map.copyOf(variables);
  }
}
