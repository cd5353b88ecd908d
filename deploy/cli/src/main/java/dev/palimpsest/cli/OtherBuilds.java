package dev.palimpsest.cli;

import dev.palimpsest.base.Digest;
import dev.palimpsest.storage.Store;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Workers;
import java.time.Clock;
import java.util.List;

/** Workers whose stages and methods are not those of this command. */
final class OtherBuilds {
  private OtherBuilds() {}

  /** A sentence for each such worker that lives. */
  static List<String> of(Store store, Catalogue catalogue) {
    Digest own = catalogue.digest();
    return new Workers(store, Clock.systemUTC())
        .living().stream()
            .filter(worker -> !worker.catalogue().equals(own))
            .map(OtherBuilds::sentence)
            .toList();
  }

  static String sentence(Workers.Announcement worker) {
    return "Worker "
        + worker.id()
        + " on "
        + worker.host()
        + " was built from other code ("
        + worker.version()
        + worker.commit().map(commit -> ", commit " + brief(commit)).orElse("")
        + ") than this command: what it computes has other keys. Restart it from the same build.";
  }

  private static String brief(String commit) {
    return commit.replaceFirst("^([0-9a-f]{12})[0-9a-f]*", "$1");
  }
}
