package dev.palimpsest.console.submit;

import com.github.difflib.DiffUtils;
import com.github.difflib.patch.AbstractDelta;
import dev.palimpsest.console.web.Words;
import java.util.ArrayList;
import java.util.List;

/**
 * How a text differs from a former one, line by line.
 *
 * @param rows what changed with three lines around it; none if nothing did
 */
record Difference(List<Row> rows, int added, int removed) {
  private static final int AROUND = 3;

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

  String summary() {
    return Words.count(added, "line") + " added, " + removed + " removed";
  }

  static Difference of(String former, String now) {
    List<String> before = former.lines().toList();
    List<String> after = now.lines().toList();
    var rows = new ArrayList<Row>();
    int added = 0;
    int removed = 0;
    int told = 0;
    List<AbstractDelta<String>> deltas = DiffUtils.diff(before, after).getDeltas();
    for (int i = 0; i < deltas.size(); i++) {
      int at = deltas.get(i).getSource().getPosition();
      int shift = deltas.get(i).getTarget().getPosition() - at;
      int from = Math.max(told, at - AROUND);
      if (from > told) {
        rows.add(new Row("gap", 0, 0, (from - told) + (from - told == 1 ? " line" : " lines")));
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
    return new Difference(rows, added, removed);
  }

  private static void same(List<String> before, int from, int to, int shift, List<Row> into) {
    for (int line = from; line < to; line++) {
      into.add(new Row("same", line + 1, line + 1 + shift, before.get(line)));
    }
  }
}
