package dev.palimpsest.stages;

import java.util.List;
import java.util.Optional;

/**
 * A row of the accuracy matrix of a stream, as it is stored; accuracies are fractions.
 *
 * @param task tasks learned so far
 * @param tasks tasks that the split declares
 * @param learner its name
 * @param heads whether the classifier has the classes of all tasks ({@code fixed}) or of those so
 *     far ({@code growing})
 * @param classIncremental of each task so far, among all classes so far
 * @param taskIncremental of each task so far, among the task's own classes
 * @param ahead task-incremental, of each task to come; with fixed heads only
 * @param bare as taskIncremental, read without rectifiers; empty where there are none
 * @param images test images of each declared task
 * @param kept what is kept, by kind
 */
record AccuracyRow(
    int task,
    int tasks,
    String learner,
    String heads,
    List<Double> classIncremental,
    List<Double> taskIncremental,
    List<Double> ahead,
    List<Double> bare,
    List<Integer> images,
    List<Kept> kept) {
  /**
   * What is kept between tasks.
   *
   * @param part {@code network}, or what the memory calls it: {@code buffer}, {@code fisher}
   * @param numbers how many values of floating point
   * @param bytes of everything, samples included
   * @param samples of a buffer
   */
  record Kept(String part, long numbers, long bytes, Optional<Long> samples) {
    static final String NETWORK = "network";
  }
}
