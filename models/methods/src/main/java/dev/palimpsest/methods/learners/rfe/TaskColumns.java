package dev.palimpsest.methods.learners.rfe;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.methods.rectifiers.Heads;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.List;

/** Which classes each task has, in the memory as {@code tasks.columns}, I64 [tasks, 2]. */
final class TaskColumns {
  private static final String PART = "tasks";
  private static final String COLUMNS = "columns";

  private TaskColumns() {}

  /**
   * Those of all tasks up to {@code last}, which the memory need not know yet.
   *
   * @throws Mistake if it does not know the others
   */
  static List<Heads.Columns> with(Memory memory, Task last) {
    var columns = new ArrayList<Heads.Columns>();
    if (memory.has(PART)) {
      long[] flat = memory.part(PART).get(COLUMNS).longs();
      for (int i = 0; i < flat.length && columns.size() < last.number() - 1; i += 2) {
        columns.add(new Heads.Columns((int) flat[i], (int) flat[i + 1]));
      }
    }
    if (columns.size() < last.number() - 1) {
      throw new Mistake(
          "the memory knows the classes of "
              + columns.size()
              + " tasks before task "
              + last.number()
              + "; expected the memory that this learner left after task "
              + (last.number() - 1)
              + ".");
    }
    columns.add(new Heads.Columns(last.first(), last.end()));
    return columns;
  }

  /** The memory with those of a task that was learned. */
  static Memory kept(Memory memory, Task last) {
    List<Heads.Columns> columns = with(memory, last);
    long[] flat = new long[2 * columns.size()];
    for (int i = 0; i < columns.size(); i++) {
      flat[2 * i] = columns.get(i).first();
      flat[2 * i + 1] = columns.get(i).end();
    }
    Tensor tensor = Tensor.of(flat, columns.size(), 2);
    return memory.with(PART, new Tensors.Builder().put(COLUMNS, tensor).build());
  }
}
