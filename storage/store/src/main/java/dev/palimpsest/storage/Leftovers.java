package dev.palimpsest.storage;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What processes that were killed leave in a store: saved state of stages that have a record by
 * now, and claims without a sign of life for an hour. Saved state without a record is kept for 30
 * days, so that a run that was cancelled or has failed may go on from there.
 */
public final class Leftovers {
  private static final String CLOCK = "gc/clock";
  private static final String STATES = "progress/";
  private static final String CLAIMS = "claims/";
  private static final String RUNS = "runs/";
  private static final Duration SILENT = Duration.ofHours(1);
  private static final Duration STATE_KEPT = Duration.ofDays(30);

  private Leftovers() {}

  /** Removes them; how many objects went. Quick: lists two short prefixes. */
  public static int sweep(Store store) {
    List<Store.Stat> left = in(store, now(store));
    left.forEach(seen -> store.delete(seen.key()));
    return left.size();
  }

  static List<Store.Stat> in(Store store, Instant now) {
    Instant silent = now.minus(SILENT);
    List<Store.Stat> left = new ArrayList<>();
    for (Store.Stat state : store.list(STATES)) {
      // A stage whose output was lost has a record and saves state while it is computed anew.
      boolean recorded =
          state.modified().isBefore(silent)
              && !store.list("stages/" + References.stage(state) + "/").isEmpty();
      if (recorded || state.modified().isBefore(now.minus(STATE_KEPT))) {
        left.add(state);
      }
    }
    store.list(CLAIMS).stream()
        .filter(claim -> claim.modified().isBefore(silent))
        .forEach(left::add);
    return left;
  }

  /**
   * What lies under runs without a record, as an import that was interrupted leaves it, or a worker
   * that was slow to notice that its run was removed.
   *
   * @param limit a run of which something was written then or later may get its record yet
   */
  static List<Store.Stat> ofNoRun(Store store, Instant limit) {
    Map<String, List<Store.Stat>> runs =
        store.list(RUNS).stream().collect(Collectors.groupingBy(Leftovers::run));
    return runs.entrySet().stream()
        .filter(run -> run.getValue().stream().allMatch(seen -> seen.modified().isBefore(limit)))
        .filter(run -> store.stat(RUNS + run.getKey() + "/run.json").isEmpty())
        .flatMap(run -> run.getValue().stream())
        .toList();
  }

  private static String run(Store.Stat seen) {
    return seen.key().split("/", -1)[1];
  }

  static String kind(Store.Stat seen) {
    return seen.key().startsWith(CLAIMS)
        ? "claim"
        : seen.key().startsWith(RUNS) ? "rest of a run" : "saved state";
  }

  /** The time by the store's own clock. */
  static Instant now(Store store) {
    store.put(CLOCK, "{}".getBytes(StandardCharsets.UTF_8));
    return store.stat(CLOCK).map(Store.Stat::modified).orElseGet(Instant::now);
  }
}
