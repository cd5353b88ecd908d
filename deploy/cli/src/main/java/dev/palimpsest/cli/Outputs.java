package dev.palimpsest.cli;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.RunJournal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** Finds artifacts by the runs that made them. */
final class Outputs {
  private static final int NEWEST = 100;

  private final Backend backend;
  private final RunJournal journal;

  Outputs(Backend backend) {
    this.backend = backend;
    this.journal = backend.journal();
  }

  /** An artifact and where it comes from. */
  record Output(String run, String task, String name, Reference reference) {}

  /** The outputs of a run so far, by the time when their stages ended. */
  List<Output> of(String run) {
    var outputs = new ArrayList<Output>();
    for (RunJournal.StageEntry entry : journal.stages(run)) {
      new TreeMap<>(entry.outputs())
          .forEach(
              (name, reference) -> outputs.add(new Output(run, entry.task(), name, reference)));
    }
    return outputs;
  }

  /** {@code RUN/TASK/OUTPUT}, or a digest or its first digits. */
  Reference find(String what) {
    String[] path = what.split("/", -1);
    if (path.length == 3) {
      return named(path[0], path[1], path[2]);
    }
    if (path.length != 1 || !what.matches("[0-9a-f]{6,64}")) {
      throw new Mistake(
          "'"
              + what
              + "' is no artifact; expected RUN/TASK/OUTPUT, or at least 6 digits of a digest as"
              + " 'palimpsest artifacts ls RUN' shows it.");
    }
    return digest(what);
  }

  private Reference named(String run, String task, String name) {
    List<Output> all = of(journal.find(run));
    List<Output> ofTask = all.stream().filter(output -> output.task().equals(task)).toList();
    if (ofTask.isEmpty()) {
      throw new Mistake(
          "Run "
              + run
              + ": "
              + Names.unknown("task", task, all.stream().map(Output::task).distinct().toList()));
    }
    return ofTask.stream()
        .filter(output -> output.name().equals(name))
        .findFirst()
        .map(Output::reference)
        .orElseThrow(() ->
            new Mistake(
                "Task '"
                    + task
                    + "': "
                    + Names.unknown("output", name, ofTask.stream().map(Output::name).toList())));
  }

  private Reference digest(String digits) {
    Set<Reference> found = new LinkedHashSet<>();
    for (String run : newest()) {
      for (Output output : of(run)) {
        if (output.reference().sha256().hex().startsWith(digits)) {
          found.add(output.reference());
        }
      }
    }
    long digests = found.stream().map(Reference::sha256).distinct().count();
    if (found.isEmpty()) {
      throw new Mistake(
          "No artifact of the newest "
              + NEWEST
              + " runs has a digest that starts with "
              + digits
              + "; name it by RUN/TASK/OUTPUT.");
    }
    if (digests > 1) {
      throw new Mistake(
          "The digests of several artifacts start with " + digits + "; give more digits.");
    }
    // Runs agree on the bytes of a digest; one of them may know more of where they stem from.
    return found.stream()
        .filter(Reference::tainted)
        .findFirst()
        .orElseGet(() -> found.iterator().next());
  }

  /** The ids of the newest runs. */
  List<String> newest() {
    return journal.runs().stream().limit(NEWEST).toList();
  }
}
