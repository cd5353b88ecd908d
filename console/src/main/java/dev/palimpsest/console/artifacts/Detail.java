package dev.palimpsest.console.artifacts;

import dev.palimpsest.console.artifacts.Browse.Moment;
import dev.palimpsest.console.web.Words;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import java.util.List;
import java.util.Optional;

/**
 * The page of an artifact.
 *
 * @param about what artifacts of its type are
 * @param made where it was made; empty where no run is known that did
 * @param runs in which it is, beside that one
 * @param used by which stages, the newest first
 * @param moreUsed how many uses are not listed
 * @param notice what is not known yet; empty if nothing
 * @param lost whether its bytes are gone from the store
 */
record Detail(
    Reference reference,
    String heading,
    String about,
    Optional<Known.Made> made,
    Optional<Moment> when,
    List<Known.RunName> runs,
    List<Known.Used> used,
    int moreUsed,
    List<Known.RunName> given,
    List<String> names,
    List<Taken.Line> taken,
    Preview preview,
    Optional<Lineage> lineage,
    Optional<String> notice,
    boolean reading,
    boolean lost) {
  static final int SHOWN = 12;

  String size() {
    return Words.size(reference.bytes());
  }

  String exactSize() {
    return Words.count(reference.bytes(), "byte");
  }

  /** What is to be known before it is taken. */
  String warning() {
    return reference.artifact().equals(ArtifactType.POISON_PLAN.label())
        ? "This puts a backdoor into a network"
        : "This may hold a backdoor";
  }

  String path() {
    return "/artifacts/" + reference.sha256().hex();
  }

  /** What artifacts of a type are, in a line. */
  static String about(String type) {
    return switch (ArtifactType.of(type)) {
      case DATASET -> "Images and their labels";
      case POISON_PLAN -> "A trigger, which images get it, and what they are to be taken for";
      case CHECKPOINT -> "The weights of a network, under the names that torch gives them";
      case MEMORY -> "What a learner keeps between tasks";
      case METRICS -> "What a stage measured, epoch by epoch";
      case RESULT -> "What a stage found out";
      case FIGURE -> "A drawing";
      case TABLE -> "A table of results";
    };
  }
}
