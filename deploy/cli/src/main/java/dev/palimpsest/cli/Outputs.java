package dev.palimpsest.cli;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.SideBySide;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tensors.Safetensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Finds artifacts by the runs that made them. */
final class Outputs {
  private static final int NEWEST = 100;
  private static final int AT_ONCE = 16;

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
    List<Reference> found = backend.artifacts().starting(digits);
    if (found.isEmpty()) {
      throw new Mistake(
          "No artifact in "
              + backend.store().where()
              + " has a digest that starts with "
              + digits
              + "; 'palimpsest artifacts ls RUN' shows those of a run.");
    }
    if (found.size() > 1) {
      throw new Mistake(
          "The digests of several artifacts start with " + digits + "; give more digits.");
    }
    return reference(found.getFirst());
  }

  /** How the newest run that made it refers to it; or what its file tells. */
  private Reference reference(Reference bare) {
    List<String> runs = journal.runs();
    for (int from = 0; from < runs.size(); from += AT_ONCE) {
      List<String> some = runs.subList(from, Math.min(runs.size(), from + AT_ONCE));
      Optional<Reference> found =
          SideBySide.map(some, this::of).stream()
              .flatMap(List::stream)
              .map(Output::reference)
              .filter(reference -> reference.sha256().equals(bare.sha256()))
              .findFirst();
      if (found.isPresent()) {
        return found.get();
      }
    }
    return ofNoRun(bare);
  }

  private Reference ofNoRun(Reference bare) {
    try {
      String taint =
          Safetensors.header(backend.artifacts().fetch(bare), "the artifact")
              .metadata()
              .getOrDefault("taint", "");
      return new Reference(
          bare.artifact(),
          bare.sha256(),
          bare.bytes(),
          taint.isEmpty() ? List.of() : List.of(taint.split("; ")));
    } catch (Mistake noTensors) {
      return bare;
    }
  }

  /** The ids of the newest runs. */
  List<String> newest() {
    return journal.runs().stream().limit(NEWEST).toList();
  }
}
