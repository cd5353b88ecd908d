package dev.palimpsest.console.studies;

import dev.palimpsest.console.Services;
import dev.palimpsest.console.web.Site;

/** What there is to run: the first page, the list of studies, and the page of each. */
public final class Studies implements Site.Part {
  private final StudyList list;
  private final StudyPage page;

  public Studies(Services services) {
    var library = new Library(services);
    this.list = new StudyList(services, library);
    this.page = new StudyPage(services, library);
  }

  @Override
  public void addTo(Site site) {
    site.get("/", list::home)
        .get("/studies", list::list)
        .get("/studies/{kind}/{name}", page::show)
        .post("/studies/{kind}/{name}", page::again)
        .post("/studies/{kind}/{name}/run", page::run);
  }
}
