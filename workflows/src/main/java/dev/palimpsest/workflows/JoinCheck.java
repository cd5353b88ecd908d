package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Names;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Whether a join waits for the end of every branch: of fewer, what others compute may not be there
 * when it is read; of tasks elsewhere, some never end.
 */
final class JoinCheck {
  private JoinCheck() {}

  /**
   * @param joinable the last task of each branch of the fork before it, none of a dynamic one;
   *     empty where no fork stands there
   */
  static void check(
      Definition definition,
      Definition.Task task,
      Place at,
      Optional<List<String>> joinable,
      Findings findings) {
    String place = definition.place(task);
    if (joinable.isEmpty()) {
      findings.add(
          FindingCode.JOIN_WITHOUT_FORK,
          at,
          place + " has no fork to join",
          "expected a JOIN directly after a FORK_JOIN or FORK_JOIN_DYNAMIC");
      return;
    }
    List<String> lasts = joinable.get();
    JsonNode on = task.json().path("joinOn");
    boolean empty = on.isMissingNode() || on.isArray() && on.isEmpty();
    if (lasts.isEmpty()) {
      if (!empty) {
        findings.add(
            FindingCode.JOIN_ON,
            at.child("joinOn"),
            place + ": joinOn is " + on,
            "expected none: it waits for every branch of the dynamic fork");
      }
      return;
    }
    String expected = "expected the last task of each branch: " + String.join(", ", lasts) + ".";
    if (empty) {
      findings.add(FindingCode.JOIN_ON, at, place + " has no joinOn", expected);
      return;
    }
    List<String> declared =
        definition.tasks().stream().map(Definition.Task::reference).distinct().toList();
    var waited = new LinkedHashSet<String>();
    boolean known = true;
    for (int i = 0; on.isArray() && i < on.size(); i++) {
      JsonNode each = on.get(i);
      if (each.isTextual() && !declared.contains(each.textValue())) {
        known = false;
        findings.add(
            FindingCode.JOIN_ON,
            at.child("joinOn").child(i),
            place + ": " + Names.unknown("task", each.textValue(), lasts));
      }
      waited.add(each.isTextual() ? each.textValue() : "");
    }
    if (known && !waited.equals(new HashSet<>(lasts))) {
      findings.add(FindingCode.JOIN_ON, at.child("joinOn"), place + ": joinOn is " + on, expected);
    }
  }
}
