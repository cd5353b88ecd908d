package dev.palimpsest.cli.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which stages were computed, when and by whom, as the workers' logs tell. */
final class Computations {
  private static final Pattern LINE =
      Pattern.compile("^(\\S+) .* - Computes (\\S+) ([0-9a-f]{64})$");

  /** How long a worker whose supervisor was killed may go on. */
  private static final Duration GRACE = Duration.ofSeconds(4);

  /** One begin of a stage's computation. */
  record Begun(LocalDateTime at, String worker, String stage, String key) {}

  private final List<Begun> all;

  Computations(List<Begun> all) {
    this.all = all.stream().sorted(Comparator.comparing(Begun::at)).toList();
  }

  /**
   * Reads the logs.
   *
   * @param workers a folder for each worker
   */
  static Computations of(Path workers) {
    var begun = new ArrayList<Begun>();
    try (Stream<Path> folders = Files.list(workers)) {
      for (Path folder : folders.toList()) {
        for (String line : Files.readAllLines(folder.resolve("worker.log"))) {
          Matcher found = LINE.matcher(line);
          if (found.matches()) {
            begun.add(
                new Begun(
                    LocalDateTime.parse(found.group(1)),
                    folder.getFileName().toString(),
                    found.group(2),
                    found.group(3)));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Computations(begun);
  }

  int count() {
    return all.size();
  }

  long stages() {
    return all.stream().map(Begun::key).distinct().count();
  }

  /**
   * A sentence for each computation beyond a stage's first without a kill that ended the former
   * one: of its worker, or of the supervisor, which takes its workers along.
   */
  List<String> unexplained(List<Crashes.Killed> kills) {
    var faults = new ArrayList<String>();
    var former = new TreeMap<String, Begun>();
    for (Begun begun : all) {
      Begun before = former.put(begun.key(), begun);
      if (before != null && kills.stream().noneMatch(kill -> explains(kill, before, begun))) {
        faults.add(
            "stage %s was computed by %s at %s and again by %s at %s, and nothing was killed for it"
                .formatted(
                    begun.stage(), before.worker(), before.at(), begun.worker(), begun.at()));
      }
    }
    return faults;
  }

  private static boolean explains(Crashes.Killed kill, Begun before, Begun again) {
    if (kill.at().isAfter(again.at())) {
      return false;
    }
    return switch (kill.victim()) {
      case WORKER_1 -> before.worker().equals("local-1") && !kill.at().isBefore(before.at());
      case WORKER_2 -> before.worker().equals("local-2") && !kill.at().isBefore(before.at());
      case CONDUCTOR -> false;
      case SUPERVISOR -> !kill.at().plus(GRACE).isBefore(before.at());
    };
  }
}
