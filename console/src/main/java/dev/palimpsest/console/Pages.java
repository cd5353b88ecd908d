package dev.palimpsest.console;

import dev.palimpsest.console.artifacts.ArtifactPages;
import dev.palimpsest.console.compare.Compare;
import dev.palimpsest.console.housekeeping.Housekeeping;
import dev.palimpsest.console.housekeeping.NotesPart;
import dev.palimpsest.console.runs.RunPages;
import dev.palimpsest.console.studies.Studies;
import dev.palimpsest.console.submit.Submit;
import dev.palimpsest.console.web.Site;
import dev.palimpsest.console.workers.WorkersPage;
import java.util.List;

/** Every page of the console: the one list of its parts. */
final class Pages {
  private final Services services;

  Pages(Services services) {
    this.services = services;
  }

  List<Site.Part> all() {
    return List.of(
        new ArtifactPages(services),
        new Studies(services),
        new Compare(services),
        new RunPages(services),
        new Submit(services),
        new WorkersPage(services),
        new Housekeeping(services),
        new NotesPart(services));
  }
}
