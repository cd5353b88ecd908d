package dev.palimpsest.methods.rectifiers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.engine.Ops;
import java.util.List;

/**
 * One linear layer whose columns belong to tasks, and how old tasks are read with it.
 *
 * @param weight [classes, d]
 * @param bias [classes]
 * @param sizes how many classes each task has, in order; the layer may have more
 */
public record Heads(NDArray weight, NDArray bias, List<Integer> sizes) {
  /** The first class of a task. */
  public int first(int task) {
    return sizes.subList(0, task - 1).stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * Task-incremental reading: the probabilities of the task's own classes, [n, classes of the
   * task].
   *
   * @param space the features in the task's space, [n,d]
   */
  public NDArray ofTask(int task, NDArray space) {
    NDIndex rows = new NDIndex(first(task) + ":" + (first(task) + sizes.get(task - 1)));
    return Ops.linear(space, weight.get(rows), bias.get(rows)).softmax(1);
  }

  /**
   * Class-incremental reading: each task's own probabilities divided by the number of tasks, [n,
   * classes]; zero for classes of no task in {@code spaces}. The greatest belongs to the task that
   * is most certain of its own classes.
   *
   * @param spaces the features in the space of tasks 1 to t
   */
  public NDArray ofAll(Chain.Spaces spaces) {
    var parts = new NDList();
    for (int task = 1; task <= spaces.newest(); task++) {
      parts.add(ofTask(task, spaces.of(task)).divi(spaces.newest()));
    }
    NDArray seen = NDArrays.concat(parts, 1);
    long n = seen.getShape().get(0);
    long ahead = weight.getShape().get(0) - seen.getShape().get(1);
    return ahead == 0
        ? seen
        : seen.concat(seen.getManager().zeros(new Shape(n, ahead), seen.getDataType()), 1);
  }
}
