package dev.palimpsest.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.workflows.Study;
import java.util.List;
import java.util.Map;

/** Studies in folders of this machine, with their data. */
public interface Examples {
  /** None at all. */
  Examples NONE =
      new Examples() {
        @Override
        public List<Study> studies() {
          return List.of();
        }

        @Override
        public Data data(Study study) {
          return new Data(Json.object(), Map.of());
        }

        @Override
        public void store(Study study, Artifacts into) {}
      };

  /**
   * The data of a study, read and checked; they need not be stored yet.
   *
   * @param references by split: what the input {@code data} of its definition takes; empty where
   *     the study brings none
   * @param known of them, by digest
   */
  record Data(ObjectNode references, Map<String, Facts> known) {}

  /** The studies, by the names of their folders. */
  List<Study> studies();

  /**
   * The data of a study.
   *
   * @throws dev.palimpsest.base.Mistake naming the file that is missing or damaged
   */
  Data data(Study study);

  /** Stores the data of a study; what is stored already is not stored again. */
  void store(Study study, Artifacts into);
}
