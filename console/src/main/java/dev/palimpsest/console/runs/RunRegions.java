package dev.palimpsest.console.runs;

import dev.palimpsest.base.Failure;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.web.Live;
import dev.palimpsest.storage.Store;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiFunction;

/**
 * The regions of a run's page.
 *
 * <p>Workers write what they do into the store, so one listing of the run's keys with their
 * versions tells whether there is anything new; Conductor is asked then, and once a second.
 */
final class RunRegions implements Live.Regions {
  private static final Duration AT_LEAST = Duration.ofSeconds(1);

  private final Services services;
  private final Looks looks;
  private final BiFunction<String, Object, String> piece;
  private final String run;
  private final Optional<String> task;
  private SequencedMap<String, String> made = new LinkedHashMap<>();
  private List<String> versions = List.of();
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
    this.task = task;
  }

  @Override
  public SequencedMap<String, String> now() {
    List<String> newest =
        services.store().list("runs/" + run + "/").stream().map(RunRegions::version).toList();
    boolean due = !ended && System.nanoTime() - looked >= AT_LEAST.toNanos();
    if (newest.equals(versions) && !due && !made.isEmpty()) {
      return made;
    }
    Look look = looks.at(run, task);
    if (!look.known() && look.goesOn()) {
      throw Failure.passing(look.outOfReach().orElse("Conductor does not answer."), null);
    }
    var regions = new LinkedHashMap<String, String>();
    for (String region :
        List.of("state", "notes", "results", "stats", "graph", "panel", "stages")) {
      regions.put(region, piece.apply("runs/" + region + ".jte", look));
    }
    ended = !look.goesOn();
    versions = newest;
    looked = System.nanoTime();
    made = regions.equals(made) ? made : regions;
    return made;
  }

  private static String version(Store.Stat stat) {
    return stat.key() + " " + stat.version();
  }
}
