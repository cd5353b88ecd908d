package dev.palimpsest.console;

import dev.palimpsest.console.web.Section;
import dev.palimpsest.console.web.Site;

/** The first page. */
final class Home implements Site.Part {
  private final Services services;

  Home(Services services) {
    this.services = services;
  }

  @Override
  public void addTo(Site site) {
    site.get(
        "/",
        request ->
            request.page("home.jte", Section.STUDIES, "Palimpsest", services.store().where()));
  }
}
