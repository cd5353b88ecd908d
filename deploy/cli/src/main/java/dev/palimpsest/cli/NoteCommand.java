package dev.palimpsest.cli;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.tasks.RunNotes;
import dev.palimpsest.tasks.RunNotes.Notes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Notes, tags and pins of runs. */
@Command(
    name = "note",
    description = {
      "Writes notes and tags beside a run, or pins it; without options shows them.",
      "'palimpsest rm' leaves a pinned run alone."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest note latest --text 'the one of figure 3' --tag paper --pin",
      "  palimpsest note 0f1c5a2e --untag paper --unpin"
    })
final class NoteCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "RUN", description = Words.RUN)
  private String run = "";

  @Option(names = "--text", paramLabel = "TEXT", description = "The notes; '' removes them.")
  private Optional<String> text = Optional.empty();

  @Option(names = "--tag", paramLabel = "TAG", description = "Adds a tag; may be repeated.")
  private List<String> added = new ArrayList<>();

  @Option(names = "--untag", paramLabel = "TAG", description = "Takes a tag away.")
  private List<String> removed = new ArrayList<>();

  @Option(names = "--pin", description = "Keeps the run until it is unpinned.")
  private boolean pin;

  @Option(names = "--unpin", description = "Lets it be removed again.")
  private boolean unpin;

  @Mixin private Servers servers = new Servers();

  NoteCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (pin && unpin) {
      throw new Mistake("--pin and --unpin are given together; expected one of them.");
    }
    try (Backend backend = session.backends().store(servers, false)) {
      var notes = new RunNotes(backend.store());
      run = backend.journal().find(run);
      Notes before = notes.of(run);
      Notes now = changed(before);
      if (!now.equals(before)) {
        notes.write(run, now);
      }
      session.out().println("Run    " + run + (now.pinned() ? ", pinned" : ""));
      session
          .out()
          .println("Tags   " + (now.tags().isEmpty() ? "-" : String.join(" ", now.tags())));
      session
          .out()
          .println("Notes  " + (now.text().isEmpty() ? "-" : now.text().indent(7).strip()));
      return 0;
    }
  }

  private Notes changed(Notes before) {
    List<String> tags = new ArrayList<>(before.tags());
    tags.addAll(added);
    tags.removeAll(new Notes("", removed, false).tags());
    return new Notes(text.orElse(before.text()), tags, pin || (before.pinned() && !unpin));
  }
}
