package dev.palimpsest.engine;

import java.util.Map;

/**
 * How far a piece of work is after a step.
 *
 * @param done steps done, of {@code total}
 * @param epoch the epoch that the step belongs to, 1 for the first
 * @param endsEpoch whether it was the epoch's last step
 * @param metrics by name; {@code loss} and {@code accuracy} (fraction) are means over the epoch's
 *     samples so far
 */
public record Progress(
    long done, long total, int epoch, int epochs, boolean endsEpoch, Map<String, Double> metrics) {
  public Progress {
    metrics = Map.copyOf(metrics);
  }

  /** One metric; {@code NaN} where the work has no such metric. */
  public double metric(String name) {
    return metrics.getOrDefault(name, Double.NaN);
  }
}
