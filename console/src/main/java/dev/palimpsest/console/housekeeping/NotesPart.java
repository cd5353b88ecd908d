package dev.palimpsest.console.housekeeping;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.web.Request;
import dev.palimpsest.console.web.Section;
import dev.palimpsest.console.web.Site;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunNotes.Notes;
import java.util.Optional;

/** Notes, tags and pins of runs, shown and changed. */
public final class NotesPart implements Site.Part {
  private final Services services;

  public NotesPart(Services services) {
    this.services = services;
  }

  /**
   * What the form holds.
   *
   * @param title the name of its study
   * @param tags as they are typed
   * @param problem why it was not taken
   */
  record Form(
      String run,
      String title,
      String text,
      String tags,
      boolean pinned,
      Optional<String> problem) {
    String brief() {
      return run.substring(0, Math.min(8, run.length()));
    }
  }

  @Override
  public void addTo(Site site) {
    site.get(
            "/runs/{run}/notes",
            request -> {
              String run = run(request);
              show(request, form(run, services.notes().of(run)));
            })
        .post("/runs/{run}/notes", this::write)
        .post(
            "/runs/{run}/pin",
            request -> {
              boolean pinned = request.form("pinned").isPresent();
              services.notes().change(run(request), notes -> notes.pinned(pinned));
              request.redirect(Housekeeping.PATH);
            });
  }

  private Form form(String run, Notes notes) {
    return new Form(
        run,
        title(run),
        notes.text(),
        String.join(" ", notes.tags()),
        notes.pinned(),
        Optional.empty());
  }

  private String title(String run) {
    return services.journal().summary(run).map(RunJournal.Summary::title).orElse("");
  }

  private String run(Request request) {
    return services.journal().find(request.path("run"));
  }

  private void write(Request request) {
    String run = run(request);
    String text = request.form("text").orElse("");
    String tags = request.form("tags").orElse("");
    boolean ticked = request.form("pinned").isPresent();
    // Whoever pinned it elsewhere meanwhile is not undone by who changed the text.
    boolean pinned =
        ticked == request.form("was").isPresent() ? services.notes().of(run).pinned() : ticked;
    try {
      services.notes().write(run, new Notes(text, Notes.tags(tags), pinned));
    } catch (Mistake e) {
      request.context().status(400);
      show(
          request,
          new Form(
              run, title(run), text, tags, pinned, Optional.of(String.valueOf(e.getMessage()))));
      return;
    }
    if (request.partial()) {
      show(request, form(run, services.notes().of(run)));
    } else {
      request.redirect("/runs/" + run);
    }
  }

  private static void show(Request request, Form form) {
    if (request.partial()) {
      request.piece("housekeeping/notesForm.jte", form);
    } else {
      request.page(
          "housekeeping/notesPage.jte",
          Section.RUNS,
          form.title() + " " + form.brief() + ", notes",
          form);
    }
  }
}
