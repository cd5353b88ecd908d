package dev.palimpsest.cli.doctor;

import dev.palimpsest.base.Digest;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Workers;
import dev.palimpsest.tasks.Workers.Announcement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Who serves which lane, and with which code. */
public final class WorkersCheck {
  private static final String START =
      "Start one with 'palimpsest worker --conductor URL --s3 URL', or 'palimpsest up' here.";

  private WorkersCheck() {}

  /**
   * Looks at the announcements.
   *
   * @param catalogue the digest of this command's
   */
  public static List<Finding> of(Workers workers, Digest catalogue, Clock clock) {
    Instant now = clock.instant();
    var findings = new ArrayList<Finding>();
    List<Announcement> living = workers.living();
    for (Announcement worker : workers.announced()) {
      if (!living.contains(worker)) {
        findings.add(
            Finding.warning(
                "Worker " + worker.id(),
                "on " + worker.host() + ": no sign of life for " + ago(worker.silent(now)),
                "Look at its log, and start it again if it was not meant to end."));
      } else if (!worker.catalogue().equals(catalogue)) {
        findings.add(
            Finding.warning(
                "Worker " + worker.id(),
                said(worker, now) + "; its stages or methods are not those of this command",
                "Restart it from the same build as this command, or what it computes has other"
                    + " keys."));
      } else {
        findings.add(Finding.ok("Worker " + worker.id(), said(worker, now)));
      }
    }
    var served = workers.lanes();
    List<String> idle =
        Stream.of(Lane.values()).filter(lane -> !served.contains(lane)).map(Lane::label).toList();
    if (living.isEmpty()) {
      findings.add(Finding.problem("Lanes", "no worker serves any", START));
    } else if (!idle.isEmpty()) {
      findings.add(Finding.warning("Lanes", "no worker serves " + String.join(", ", idle), START));
    } else {
      findings.add(Finding.ok("Lanes", "each is served"));
    }
    return findings;
  }

  private static String said(Announcement worker, Instant now) {
    return "serves "
        + worker.lanes().stream().map(Lane::label).collect(Collectors.joining(" and "))
        + " on "
        + worker.host()
        + ", "
        + worker.numerics()
        + ", build "
        + worker.version()
        + worker
            .commit()
            .map(commit -> " of " + commit.substring(0, Math.min(12, commit.length())))
            .orElse("")
        + ", seen "
        + ago(worker.silent(now))
        + " ago";
  }

  private static String ago(Duration time) {
    long seconds = Math.max(0, time.toSeconds());
    return seconds < 120 ? seconds + " s" : seconds / 60 + " min";
  }
}
