package dev.palimpsest.console.submit;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.web.Request;
import dev.palimpsest.console.web.Section;
import dev.palimpsest.console.web.Site;
import dev.palimpsest.console.web.Words;
import dev.palimpsest.workflows.Definitions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a definition is written, checked as one types, and registered as a version of its own. */
public final class Submit implements Site.Part {
  private static final Logger LOG = LoggerFactory.getLogger(Submit.class);

  private final Services services;
  private final Definitions definitions;
  private final Beginnings starts;
  private final Checks checks;

  public Submit(Services services) {
    this.services = services;
    this.definitions = new Definitions(services.store(), services.catalogue());
    this.starts = new Beginnings(services, definitions);
    this.checks = new Checks(services, definitions);
  }

  /**
   * What the page shows.
   *
   * @param from what it began from, as the address names it; empty for nothing
   */
  record Draft(String text, String from, Checking checking, List<Beginnings.Group> starts) {}

  @Override
  public void addTo(Site site) {
    site.get("/submit", this::open)
        .post("/submit", request -> show(request, text(request), ""))
        .post("/submit/check", this::check)
        .post("/submit/register", this::register)
        .get("/submit/own/{name}", this::versions);
  }

  private void open(Request request) {
    String from = request.query("from").orElse("");
    Optional<Integer> version = request.query("version").map(text -> number(text));
    show(request, starts.text(from, version), from);
  }

  private void show(Request request, String text, String from) {
    request.page(
        "submit/draft.jte",
        Section.SUBMIT,
        "Submit",
        new Draft(text, from, checks.of(text), starts.groups()));
  }

  private void check(Request request) {
    request.piece("submit/checked.jte", checks.of(text(request)));
  }

  private void register(Request request) {
    String text = text(request);
    Definitions.Version kept;
    try {
      kept = definitions.register(text);
    } catch (Mistake e) {
      request.context().status(400);
      show(request, text, "");
      return;
    }
    definitions
        .announce(kept, services.conductor())
        .ifPresent(why -> LOG.info("{} {}: {}", kept.name(), kept.version(), why));
    request.redirect("/submit/own/" + kept.name() + "?b=" + kept.version());
  }

  private void versions(Request request) {
    String name = request.path("name");
    List<Integer> all = definitions.versions(name);
    if (all.isEmpty()) {
      definitions.get(name, Optional.empty());
    }
    int newer = request.query("b").map(text -> number(text)).orElseGet(all::getLast);
    int older = request.query("a").map(text -> number(text)).orElse(Math.max(1, newer - 1));
    request.page(
        "submit/versions.jte", Section.SUBMIT, name, Versions.of(definitions, name, older, newer));
  }

  private static int number(String version) {
    if (!version.matches("[1-9][0-9]{0,8}")) {
      throw new Mistake("'" + version + "' is no version; expected a number from 1.");
    }
    return Integer.parseInt(version);
  }

  /** What was written, with the line ends that files have. */
  private static String text(Request request) {
    String text = request.form("text").orElse("").replace("\r\n", "\n");
    long bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > Definitions.LARGEST) {
      throw new Mistake(
          "The definition has "
              + Words.count(bytes, "byte")
              + "; expected at most "
              + Words.count(Definitions.LARGEST, "byte")
              + ": data belong into artifacts, never into a definition.");
    }
    return text;
  }
}
