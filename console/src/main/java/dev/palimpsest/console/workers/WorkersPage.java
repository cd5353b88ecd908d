package dev.palimpsest.console.workers;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.web.Live;
import dev.palimpsest.console.web.Section;
import dev.palimpsest.console.web.Site;
import dev.palimpsest.tasks.Workers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Who computes, and what waits. */
public final class WorkersPage implements Site.Part {
  private final Services services;
  private final Going going;
  private final Digest catalogue;

  public WorkersPage(Services services) {
    this.services = services;
    this.going = new Going(services);
    this.catalogue = services.catalogue().digest();
  }

  @Override
  public void addTo(Site site) {
    site.get(
            "/workers",
            request -> request.page("workers/page.jte", Section.WORKERS, "Workers", now()))
        .live("/workers/live", context -> new Live.View("workers", () -> regions(site)));
  }

  private SequencedMap<String, String> regions(Site site) {
    var regions = new LinkedHashMap<String, String>();
    regions.put("now", site.piece("workers/now.jte", now()));
    return regions;
  }

  /** How it is now; without Conductor, the workers as the store knows them. */
  private Now now() {
    try {
      return seen(services.conductor().queued(), going.now(), Optional.empty());
    } catch (Failure e) {
      return seen(Map.of(), List.of(), Optional.ofNullable(e.getMessage()));
    }
  }

  private Now seen(Map<String, Long> queued, List<Going.Run> runs, Optional<String> outOfReach) {
    return Now.of(
        new Workers(services.store(), services.clock()),
        services.catalogue(),
        catalogue,
        "palimpsest worker --conductor " + services.conductor().url() + " --s3 URL",
        queued,
        runs,
        outOfReach,
        services.clock().instant());
  }
}
