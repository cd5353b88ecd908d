package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a loop certainly ends: its condition compares the iteration with a bound, no more. */
final class LoopCheck {
  static final int MOST = 1000;

  private static final Pattern CONDITION =
      Pattern.compile("\\$\\.([A-Za-z0-9_-]+)\\['iteration'] < (\\d{1,9}|\\$\\.([A-Za-z]\\w*))");

  private LoopCheck() {}

  static void check(String owner, Definition.Task task, Place at, Findings findings) {
    JsonNode body = task.json().path("loopOver");
    if (!body.isArray() || body.isEmpty()) {
      findings.add(
          FindingCode.WRONG_FIELD, at, owner + " has no loopOver", "expected tasks to repeat");
    }
    JsonNode given = task.json().path("loopCondition");
    Matcher condition = CONDITION.matcher(given.asText());
    String own = task.reference();
    if (!condition.matches() || !condition.group(1).equals(own)) {
      findings.add(
          FindingCode.UNBOUNDED_LOOP,
          given.isMissingNode() ? at : at.child("loopCondition"),
          owner + (given.isMissingNode() ? " has no loopCondition" : " goes on while " + given),
          "expected \"$." + own + "['iteration'] < 5\", or \"< $.n\" with an input parameter n");
    } else if (condition.group(3) != null
        && !task.json().path("inputParameters").has(condition.group(3))) {
      findings.add(
          FindingCode.UNBOUNDED_LOOP,
          at.child("loopCondition"),
          owner + " has no input parameter '" + condition.group(3) + "'",
          "expected the number of iterations there");
    } else if (condition.group(3) == null && !fits(Long.parseLong(condition.group(2)))) {
      findings.add(
          FindingCode.LOOP_BOUND,
          at.child("loopCondition"),
          owner + " runs " + condition.group(2) + " times",
          "expected from 1 to " + MOST);
    }
  }

  /** The input parameter that holds the bound. */
  static Optional<String> bound(Definition.Task task) {
    Matcher condition = CONDITION.matcher(task.json().path("loopCondition").asText());
    return condition.matches() ? Optional.ofNullable(condition.group(3)) : Optional.empty();
  }

  static boolean fits(long bound) {
    return bound >= 1 && bound <= MOST;
  }
}
