package dev.palimpsest.console.graph;

import dev.palimpsest.workflows.Definition.Task;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What groups are called. */
final class Labels {
  private static final Pattern BOUND = Pattern.compile("<\\s*(?:\\$\\.)?(\\w+)\\s*;?\\s*$");
  private static final Pattern INPUT = Pattern.compile("\\$\\{workflow\\.input\\.([^{}]+)}");

  private Labels() {}

  /**
   * {@code Loop stream, 5 times}; with the input that bounds it, {@code Loop stream, learn times}.
   */
  static String loop(Task task) {
    String loop = "Loop · " + task.reference();
    Matcher bound = BOUND.matcher(task.json().path("loopCondition").asText());
    if (!bound.find()) {
      return loop;
    }
    String given = task.json().path("inputParameters").path(bound.group(1)).asText(bound.group(1));
    Matcher input = INPUT.matcher(given);
    if (input.matches()) {
      return loop + " · times: " + input.group(1);
    }
    return given.matches("\\d+") ? loop + " · times: " + given : loop;
  }

  static String of(Task decision, String value) {
    return "Case · " + decision.reference() + " = " + value;
  }

  static String otherwise(Task decision) {
    return "Case · " + decision.reference() + ", otherwise";
  }

  static String call(Task task, String reference, String workflow) {
    boolean sweeps = !task.type().equals("SUB_WORKFLOW");
    return (sweeps ? "Sweep · " : "Sub-workflow · ")
        + reference
        + (workflow.equals(reference) ? "" : " · " + workflow);
  }
}
