package dev.palimpsest.console.runs;

import dev.palimpsest.base.Failure;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.web.Live;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiFunction;

/**
 * The regions of a run's page.
 *
 * <p>Workers write what they do into the store, so one listing of the run's keys with their
 * versions tells whether there is anything new. Where stages only got on, their progress is read;
 * else Conductor is asked, and once a second.
 */
final class RunRegions implements Live.Regions {
  private static final Duration AT_LEAST = Duration.ofSeconds(1);

  private static final List<String> REGIONS =
      List.of("state", "notes", "results", "stats", "graph", "progress", "panel", "stages");

  private final Services services;
  private final Looks looks;
  private final BiFunction<String, Object, String> piece;
  private final String run;
  private final Optional<String> task;
  private final String folder;
  private SequencedMap<String, String> made = new LinkedHashMap<>();
  private Map<String, String> versions = Map.of();
  private Optional<Look> last = Optional.empty();
  private long looked;
  private boolean ended;

  RunRegions(
      Services services,
      Looks looks,
      BiFunction<String, Object, String> piece,
      String run,
      Optional<String> task) {
    this.services = services;
    this.looks = looks;
    this.piece = piece;
    this.run = run;
    this.folder = "runs/" + run + "/";
    this.task = task;
  }

  @Override
  public SequencedMap<String, String> now() {
    Map<String, String> newest = new HashMap<>();
    services.store().list(folder).forEach(stat -> newest.put(stat.key(), stat.version()));
    boolean due = System.nanoTime() - looked >= AT_LEAST.toNanos();
    if (last.isPresent() && newest.equals(versions) && (ended || !due)) {
      return made;
    }
    Look look =
        last.filter(known -> !due && progressAlone(newest))
            .map(looks::progressed)
            .orElseGet(() -> whole());
    if (!look.known() && look.goesOn()) {
      throw new Failure(look.outOfReach().orElse("Conductor does not answer."));
    }
    var regions = new LinkedHashMap<String, String>();
    for (String region : REGIONS) {
      regions.put(region, piece.apply("runs/" + region + ".jte", look));
    }
    // Conductor ends a run before it cancels its tasks.
    ended = !look.goesOn() && look.running() == 0;
    versions = newest;
    last = Optional.of(look);
    made = regions.equals(made) ? made : regions;
    return made;
  }

  private Look whole() {
    Look look = looks.at(run, task);
    looked = System.nanoTime();
    return look;
  }

  /** Whether nothing is new but how far stages are that were known to run. */
  private boolean progressAlone(Map<String, String> newest) {
    return newest.keySet().equals(versions.keySet())
        && newest.entrySet().stream()
            .filter(each -> !each.getValue().equals(versions.get(each.getKey())))
            .allMatch(each -> each.getKey().startsWith(folder + "live/"));
  }
}
