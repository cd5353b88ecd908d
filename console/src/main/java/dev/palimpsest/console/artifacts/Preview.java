package dev.palimpsest.console.artifacts;

import dev.palimpsest.console.web.TableView;
import java.util.List;
import java.util.Optional;

/** What a page shows of an artifact's content. */
sealed interface Preview {
  /** Images; a memory has tensors beside them. */
  record Images(ImageSheet sheet, Optional<TensorTable> tensors) implements Preview {}

  /** A poison plan. */
  record Plan(PlanView plan, TensorTable tensors) implements Preview {}

  /** A checkpoint, a memory. */
  record Tensors(TensorTable tensors) implements Preview {}

  record Results(TableView table) implements Preview {}

  /**
   * Metrics.
   *
   * @param columns what may be shown, and whether it is
   * @param charts HTML that escapes all it holds
   * @param epochs how many lines there are
   */
  record Curves(List<Column> columns, List<String> charts, int epochs, TableView values)
      implements Preview {}

  record Column(String name, boolean shown) {}

  /** A drawing; its bytes are at {@code src}. */
  record Figure(String src, String name) implements Preview {}

  record Document(JsonTree tree) implements Preview {}

  /** Why nothing is shown. */
  record Nothing(String sentence) implements Preview {}
}
