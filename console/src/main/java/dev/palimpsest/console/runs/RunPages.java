package dev.palimpsest.console.runs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.web.Live;
import dev.palimpsest.console.web.Request;
import dev.palimpsest.console.web.Section;
import dev.palimpsest.console.web.Site;
import dev.palimpsest.console.web.Starts;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.Definition;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.stream.Collectors;

/** The list of runs, a run's page, and what can be done with a run. */
public final class RunPages implements Site.Part {
  /** A page that shows what workers tell looks this often: they tell every half a second. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  private static final Duration LIST_PAUSE = Duration.ofSeconds(2);

  private final Services services;
  private final Starts starts = new Starts();
  private final Looks looks;
  private final RunTable table;

  public RunPages(Services services) {
    this.services = services;
    this.looks = new Looks(services);
    this.table = new RunTable(services);
  }

  @Override
  public void addTo(Site site) {
    site.get("/runs", request -> list(site, request))
        .live(
            "/runs/live",
            context -> {
              var query = RunTable.Query.of(name -> Optional.ofNullable(context.queryParam(name)));
              return new Live.View("runs?" + query.text(), LIST_PAUSE, () -> rows(site, query));
            })
        .get("/runs/{run}", request -> show(site, request))
        .live("/runs/{run}/live", context -> view(site, context))
        .post("/runs/{run}/again", this::again)
        .post("/runs/{run}/cancel", this::cancel)
        .post("/runs/{run}/retry", this::retry);
  }

  private void list(Site site, Request request) {
    var query = RunTable.Query.of(request::query);
    // Those that are ticked are compared.
    if (request.query("compare").isPresent()) {
      String ticked =
          request.context().queryParams("run").stream()
              .map(run -> "&run=" + known(run))
              .collect(Collectors.joining());
      request.redirect("/compare?ticked=on" + ticked);
      return;
    }
    request.page("runs/list.jte", Section.RUNS, "Runs", table.page(query));
  }

  private String known(String run) {
    return services.journal().find(run);
  }

  private LinkedHashMap<String, String> rows(Site site, RunTable.Query query) {
    var regions = new LinkedHashMap<String, String>();
    regions.put("runs", site.piece("runs/rows.jte", table.page(query)));
    return regions;
  }

  private void show(Site site, Request request) {
    String run = known(request.path("run"));
    if (!run.equals(request.path("run"))) {
      request.redirect("/runs/" + run + request.query("task").map(t -> "?task=" + t).orElse(""));
      return;
    }
    Look look = looks.at(run, request.query("task"));
    request.page("runs/run.jte", Section.RUNS, look.title() + " " + look.brief(), look);
  }

  private Live.View view(Site site, Context context) {
    String run = known(context.pathParam("run"));
    Optional<String> task =
        Optional.ofNullable(context.queryParam("task")).filter(t -> !t.isBlank());
    var regions = new RunRegions(services, looks, site::piece, run, task);
    return new Live.View("run/" + run + "?" + task.orElse(""), PAUSE, regions);
  }

  private RunJournal.Run record(Request request) {
    return services.journal().run(known(request.path("run"))).orElseThrow();
  }

  private void again(Request request) {
    RunJournal.Run record = record(request);
    if (record.verifies().isPresent()) {
      throw new Mistake(
          "Run '"
              + record.run()
              + "' verifies another and cannot be started again; expected 'palimpsest verify "
              + record.verifies().get()
              + "'.");
    }
    var inputs = (ObjectNode) record.inputs();
    String run =
        starts.once(
            request.required("once"),
            inputs,
            () -> services.start(record.title(), Definition.of(record), inputs));
    request.redirect("/runs/" + run);
  }

  private void cancel(Request request) {
    String run = record(request).run();
    services.runs().cancel(run);
    request.redirect("/runs/" + run);
  }

  private void retry(Request request) {
    String run = record(request).run();
    services.runs().retry(run);
    request.redirect("/runs/" + run);
  }
}
