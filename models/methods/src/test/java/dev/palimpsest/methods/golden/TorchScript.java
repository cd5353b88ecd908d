package dev.palimpsest.methods.golden;

import dev.palimpsest.base.Failure;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Runs a script of {@code src/test/parity} in a Python that has torch. */
final class TorchScript {
  /** The environment names a Python with torch and numpy. */
  static final String PYTHON = "PALIMPSEST_TORCH";

  private TorchScript() {}

  /**
   * What the script makes of the given tensors.
   *
   * @throws Failure if there is no Python with torch, or the script fails
   */
  static Tensors run(String script, Tensors given, Path folder) {
    Path in = folder.resolve("in.safetensors");
    Path out = folder.resolve("out.safetensors");
    Safetensors.write(in, given);
    Path file = Path.of("src", "test", "parity", script).toAbsolutePath();
    Path log = folder.resolve("log");
    if (run(log, python(log), file.toString(), in.toString(), out.toString()) != 0) {
      throw new Failure(script + " failed: " + text(log));
    }
    return Safetensors.read(out, script + "'s output");
  }

  private static String python(Path log) {
    String python = Optional.ofNullable(System.getenv(PYTHON)).orElse("python3");
    if (run(log, python, "-c", "import torch, numpy") != 0) {
      throw new Failure(
          "'"
              + python
              + "' has no torch and numpy, which the comparison with PyTorch needs: install Debian's"
              + " python3-torch, or name a Python that has them in "
              + PYTHON
              + ".");
    }
    return python;
  }

  private static int run(Path log, String... command) {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(log.toFile())
          .start()
          .waitFor();
    } catch (IOException e) {
      return -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("interrupted while a script ran.", e);
    }
  }

  private static String text(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "its output cannot be read (" + e.getMessage() + ")";
    }
  }
}
