package dev.palimpsest.worker;

import dev.palimpsest.base.Digest;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.Workers;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** What a worker knows of its build and its machine. */
final class Facts {
  private static final String POM =
      "/META-INF/maven/dev.palimpsest/palimpsest-worker/pom.properties";

  private static final Path GPUS = Path.of("/proc/driver/nvidia/gpus");

  private Facts() {}

  /** What the records of runs say of where a stage was computed. */
  static Map<String, String> of(String device, Numerics numerics) {
    var facts = new LinkedHashMap<String, String>();
    facts.put("palimpsest", version());
    commit().ifPresent(commit -> facts.put("commit", commit));
    facts.put("processor", MachineNumerics.processor());
    if (device.startsWith("gpu")) {
      facts.put("gpu", String.join(", ", gpus()));
    }
    facts.put("java", Runtime.version().toString());
    facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("numerics", numerics.toString());
    return facts;
  }

  /** How the worker announces itself. */
  static Workers.Announcement announcement(
      String id, Digest catalogue, Collection<Lane> lanes, Numerics numerics) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    return new Workers.Announcement(
        id, version(), commit(), catalogue, List.copyOf(lanes), numerics, host(), now, now);
  }

  private static String version() {
    try (InputStream in = Facts.class.getResourceAsStream(POM)) {
      var properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", "development");
    } catch (IOException e) {
      return "development";
    }
  }

  /** Who starts a worker may tell it by a system property what it was built from. */
  private static Optional<String> commit() {
    return Optional.ofNullable(System.getProperty("palimpsest.commit"))
        .filter(commit -> !commit.isBlank());
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  /** The models of this machine's GPUs, as NVIDIA's driver tells them; empty without it. */
  private static List<String> gpus() {
    try (Stream<Path> gpus = Files.list(GPUS)) {
      return gpus.sorted().flatMap(gpu -> model(gpu.resolve("information")).stream()).toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static Optional<String> model(Path information) {
    try (Stream<String> lines = Files.lines(information)) {
      return lines
          .filter(line -> line.startsWith("Model:"))
          .map(line -> line.substring("Model:".length()).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
