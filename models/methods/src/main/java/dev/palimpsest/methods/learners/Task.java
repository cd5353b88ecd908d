package dev.palimpsest.methods.learners;

import dev.palimpsest.base.Mistake;
import java.util.List;

/**
 * One task of a stream: which of the logits are its own.
 *
 * @param number from 1
 * @param first its first class
 * @param end behind its last class
 * @param known classes 0 to known-1 were learned in earlier tasks
 */
public record Task(int number, int first, int end, int known) {
  /**
   * The task of this number in a stream whose tasks have classes of their own.
   *
   * @param sizes how many classes each task has
   * @throws Mistake if there is no such task
   */
  public static Task of(List<Integer> sizes, int number) {
    if (number < 1 || number > sizes.size()) {
      throw new Mistake("task " + number + " does not exist; expected 1 to " + sizes.size() + ".");
    }
    int first = sizes.stream().limit(number - 1).mapToInt(Integer::intValue).sum();
    return new Task(number, first, first + sizes.get(number - 1), first);
  }

  /** A further task whose classes are those of the former ones, as task 2 of SBL. */
  public static Task further(int classes) {
    return new Task(2, 0, classes, classes);
  }

  /** A first task of all classes, as task 1 of SBL. */
  public static Task only(int classes) {
    return new Task(1, 0, classes, 0);
  }

  /** How many classes are known when it has been learned. */
  public int seen() {
    return Math.max(known, end);
  }

  /** Its number of classes. */
  public int classes() {
    return end - first;
  }
}
