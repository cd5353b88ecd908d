package dev.palimpsest.console.artifacts;

import dev.palimpsest.console.Services;
import dev.palimpsest.console.web.Request;
import dev.palimpsest.console.web.Section;
import dev.palimpsest.console.web.Site;
import dev.palimpsest.tasks.Imports;

/** The pages of artifacts. */
public final class ArtifactPages implements Site.Part {
  private final Services services;
  private final ArtifactIndex index;

  public ArtifactPages(Services services) {
    this.services = services;
    this.index =
        new ArtifactIndex(services.journal(), services.ledger(), new Imports(services.store()));
  }

  @Override
  public void addTo(Site site) {
    site.get("/artifacts", this::browse);
  }

  private void browse(Request request) {
    request.page(
        "artifacts/browse.jte",
        Section.ARTIFACTS,
        "Artifacts",
        Browse.of(
            index.now(),
            Browse.Filter.of(request),
            number(request, "page", 1),
            services.clock().instant()));
  }

  /** A number of the query; what is none counts as left out. */
  static int number(Request request, String name, int otherwise) {
    return request
        .query(name)
        .filter(text -> text.matches("[0-9]{1,9}"))
        .map(Integer::parseInt)
        .orElse(otherwise);
  }
}
