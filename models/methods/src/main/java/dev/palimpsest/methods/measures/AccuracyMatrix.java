package dev.palimpsest.methods.measures;

import dev.palimpsest.base.Mistake;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a learner knew of each task after each task of a stream. Tasks are counted from 1.
 *
 * @param rows fractions from 0 to 1; row t has the accuracies on tasks 1 to t after learning task t
 * @param ahead what it knew of tasks before it learned them, where that was measured
 */
public record AccuracyMatrix(List<List<Double>> rows, Optional<Ahead> ahead) {
  /**
   * Accuracies on tasks not yet learned, of tasks 2 to T in order.
   *
   * @param before after learning the task before
   * @param untrained of the network that the stream started with
   */
  public record Ahead(List<Double> before, List<Double> untrained) {
    public Ahead {
      before = List.copyOf(before);
      untrained = List.copyOf(untrained);
    }
  }

  /** Throws {@link Mistake} when a row is not of its length or a value no fraction. */
  public AccuracyMatrix {
    rows = rows.stream().map(List::copyOf).toList();
    if (rows.isEmpty()) {
      throw new Mistake("an accuracy matrix has no rows; expected one for each task learned");
    }
    for (int t = 1; t <= rows.size(); t++) {
      check("after task " + t + " the accuracies", rows.get(t - 1), t);
    }
    if (ahead.isPresent()) {
      check("the accuracies before learning", ahead.get().before(), rows.size() - 1);
      check("the accuracies of the untrained network", ahead.get().untrained(), rows.size() - 1);
    }
  }

  private static void check(String what, List<Double> values, int tasks) {
    if (values.size() != tasks || !values.stream().allMatch(value -> value >= 0 && value <= 1)) {
      String expected = tasks == 1 ? "1 value" : tasks + " values";
      throw new Mistake(what + " are " + values + "; expected " + expected + " from 0 to 1");
    }
  }

  /** How many tasks were learned. */
  public int tasks() {
    return rows.size();
  }

  /** The accuracy on task {@code k} after learning task {@code t}, which is k or later. */
  public double at(int t, int k) {
    return rows.get(t - 1).get(k - 1);
  }

  /**
   * How well a task is recalled when {@code age} further tasks were learned since: the mean over
   * all tasks that have got so old, each at that age.
   *
   * @param age from 0 to T - 1
   */
  public double recall(int age) {
    return IntStream.rangeClosed(1, tasks() - age)
        .mapToDouble(k -> at(k + age, k))
        .average()
        .orElseThrow();
  }
}
