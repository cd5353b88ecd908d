package dev.palimpsest.console.submit;

import com.github.difflib.DiffUtils;
import com.github.difflib.patch.AbstractDelta;
import com.github.difflib.patch.ChangeDelta;
import com.github.difflib.patch.Chunk;
import dev.palimpsest.console.web.Words;
import java.util.ArrayList;
import java.util.List;

/**
 * How a text differs from a former one, line by line.
 *
 * @param rows what changed with three lines around it, the first thousand; none if nothing did
 */
record Difference(List<Row> rows, int added, int removed) {
  private static final int AROUND = 3;
  private static final int MOST_SHOWN = 1_000;

  /** Above so many lines of both texts, the time for the fewest changes, a square, is too long. */
  private static final int MOST_COMPARED = 5_000;

  /**
   * A line.
   *
   * @param kind same, added, removed, or gap where lines are left out
   * @param before its number in the former text; 0 if it is not there
   * @param after its number in the new text; 0 if it is not there
   */
  record Row(String kind, int before, int after, String text) {
    /** For those who do not see colours. */
    String sign() {
      return switch (kind) {
        case "added" -> "+";
        case "removed" -> "−";
        default -> "";
      };
    }
  }

  /** How much changed, such as {@code 1 line added, 2 removed}. */
  String extent() {
    return "%s added, %,d removed".formatted(Words.count(added, "line"), removed);
  }

  static Difference of(String former, String now) {
    List<String> before = former.lines().toList();
    List<String> after = now.lines().toList();
    var rows = new ArrayList<Row>();
    int added = 0;
    int removed = 0;
    int told = 0;
    List<AbstractDelta<String>> deltas = deltas(before, after);
    for (int i = 0; i < deltas.size(); i++) {
      int at = deltas.get(i).getSource().getPosition();
      int shift = deltas.get(i).getTarget().getPosition() - at;
      int from = Math.max(told, at - AROUND);
      if (from > told) {
        rows.add(gap(from - told));
      }
      same(before, from, at, shift, rows);
      List<String> gone = deltas.get(i).getSource().getLines();
      List<String> come = deltas.get(i).getTarget().getLines();
      for (int line = 0; line < gone.size(); line++) {
        rows.add(new Row("removed", at + line + 1, 0, gone.get(line)));
      }
      for (int line = 0; line < come.size(); line++) {
        rows.add(new Row("added", 0, at + shift + line + 1, come.get(line)));
      }
      added += come.size();
      removed += gone.size();
      int end = at + gone.size();
      int next =
          i + 1 < deltas.size() ? deltas.get(i + 1).getSource().getPosition() : before.size();
      told = Math.min(end + AROUND, next);
      same(before, end, told, shift + come.size() - gone.size(), rows);
    }
    if (rows.size() > MOST_SHOWN) {
      int left = rows.size() - MOST_SHOWN;
      rows.subList(MOST_SHOWN, rows.size()).clear();
      rows.add(gap(left));
    }
    return new Difference(rows, added, removed);
  }

  /** The fewest changes; of long texts, all between the first line that differs and the last. */
  private static List<AbstractDelta<String>> deltas(List<String> before, List<String> after) {
    int most = Math.min(before.size(), after.size());
    int head = 0;
    while (head < most && before.get(head).equals(after.get(head))) {
      head++;
    }
    int tail = 0;
    while (tail < most - head
        && before.get(before.size() - 1 - tail).equals(after.get(after.size() - 1 - tail))) {
      tail++;
    }
    List<String> gone = before.subList(head, before.size() - tail);
    List<String> come = after.subList(head, after.size() - tail);
    return gone.size() + come.size() > MOST_COMPARED
        ? List.of(new ChangeDelta<>(new Chunk<>(head, gone), new Chunk<>(head, come)))
        : DiffUtils.diff(before, after).getDeltas();
  }

  private static Row gap(int lines) {
    return new Row("gap", 0, 0, Words.count(lines, "line"));
  }

  private static void same(List<String> before, int from, int to, int shift, List<Row> into) {
    for (int line = from; line < to; line++) {
      into.add(new Row("same", line + 1, line + 1 + shift, before.get(line)));
    }
  }
}
