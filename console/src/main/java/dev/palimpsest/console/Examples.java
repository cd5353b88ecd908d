package dev.palimpsest.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.workflows.Study;
import java.util.List;

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
        public ObjectNode data(Study study, Artifacts into) {
          throw new IllegalArgumentException("no study here has data");
        }
      };

  /** The studies, by the names of their folders. */
  List<Study> studies();

  /**
   * Stores the data of a study and returns their references, by split: what the input {@code data}
   * of its definition takes. Data that are stored already are not stored again.
   */
  ObjectNode data(Study study, Artifacts into);
}
