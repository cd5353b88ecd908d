package dev.palimpsest.console.graph;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a node of a graph shows of its task.
 *
 * @param state waiting, queued, running, cached, done, failed, cancelled, runs (it will be
 *     computed) or unknown
 * @param line such as {@code epoch 3/10} or {@code 48 s}; may be empty
 * @param href where the node leads
 */
public record Shown(String state, String line, Optional<String> href) {
  private static final List<String> PRESSING =
      List.of(
          "failed",
          "running",
          "queued",
          "runs",
          "cancelled",
          "unknown",
          "waiting",
          "done",
          "cached");
  private static final List<String> ENDED = List.of("done", "cached", "failed", "cancelled");

  /** What a node shows that stands for several: branches of a sweep, iterations of a loop. */
  static Shown of(List<Shown> several) {
    Shown first =
        several.stream()
            .min(Comparator.comparingInt(shown -> PRESSING.indexOf(shown.state())))
            .orElseThrow();
    if (several.size() == 1) {
      return first;
    }
    long ended = several.stream().filter(shown -> ENDED.contains(shown.state())).count();
    long alike = several.stream().filter(shown -> shown.state().equals(first.state())).count();
    String line =
        switch (first.state()) {
          case "failed" -> alike + " of " + several.size() + " failed";
          case "running" -> alike == 1 ? first.line() : alike + " running";
          default ->
              ended == several.size()
                  ? several.size() + " times"
                  : ended + " of " + several.size() + " ended";
        };
    return new Shown(first.state(), line, first.href());
  }
}
