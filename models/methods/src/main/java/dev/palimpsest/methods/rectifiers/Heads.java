package dev.palimpsest.methods.rectifiers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.engine.Ops;
import java.util.ArrayList;
import java.util.List;

/**
 * One linear layer whose columns belong to tasks, and how old tasks are read with it.
 *
 * @param weight [classes, d]
 * @param bias [classes]
 * @param columns of each task, in order; the layer may have more
 */
public record Heads(NDArray weight, NDArray bias, List<Columns> columns) {
  /**
   * The classes of one task.
   *
   * @param first its first class
   * @param end behind its last class
   */
  public record Columns(int first, int end) {
    /** Tasks that have classes of their own, one behind the other. */
    public static List<Columns> consecutive(List<Integer> sizes) {
      var columns = new ArrayList<Columns>();
      int first = 0;
      for (int size : sizes) {
        columns.add(new Columns(first, first + size));
        first += size;
      }
      return columns;
    }
  }

  /** The logits of a task's own classes, [n, classes of the task]; {@code space} is [n,d]. */
  private NDArray logits(int task, NDArray space) {
    Columns own = columns.get(task - 1);
    NDIndex rows = new NDIndex(own.first() + ":" + own.end());
    return Ops.linear(space, weight.get(rows), bias.get(rows));
  }

  /**
   * Task-incremental reading: the probabilities of the task's own classes, [n, classes of the
   * task].
   *
   * @param space the features in the task's space, [n,d]
   */
  public NDArray ofTask(int task, NDArray space) {
    return logits(task, space).softmax(1);
  }

  /**
   * Class-incremental reading: the mean over tasks of each task's own probabilities, [n, classes];
   * zero for classes of no task in {@code spaces}. Where tasks have classes of their own, the
   * greatest belongs to the task that is most certain among its classes.
   *
   * @param spaces the features in the spaces of tasks 1 to t
   */
  public NDArray ofAll(Chain.Spaces spaces) {
    NDArray sum = padded(1, ofTask(1, spaces.of(1)), 0);
    for (int task = 2; task <= spaces.newest(); task++) {
      sum = sum.add(padded(task, ofTask(task, spaces.of(task)), 0));
    }
    return Ops.scaled(sum, 1.0 / spaces.newest());
  }

  /**
   * Scores in the order of {@link #ofAll} where tasks have classes of their own, F64 [n, classes]:
   * the logarithms of each task's own probabilities, minus infinity elsewhere. In double precision,
   * because in single precision every task whose logits are 17 apart is equally certain, and the
   * oldest of equals would win.
   */
  public NDArray scores(Chain.Spaces spaces) {
    NDArray best = padded(1, certainty(1, spaces), Double.NEGATIVE_INFINITY);
    for (int task = 2; task <= spaces.newest(); task++) {
      NDArray own = certainty(task, spaces);
      best = best.maximum(padded(task, own, Double.NEGATIVE_INFINITY));
    }
    return best;
  }

  private NDArray certainty(int task, Chain.Spaces spaces) {
    return logits(task, spaces.of(task)).toType(DataType.FLOAT64, false).logSoftmax(1);
  }

  /** The task's columns between those of the others, which are {@code filling}. */
  private NDArray padded(int task, NDArray own, double filling) {
    long n = own.getShape().get(0);
    Columns place = columns.get(task - 1);
    var parts = new NDList();
    if (place.first() > 0) {
      parts.add(filled(own, n, place.first(), filling));
    }
    parts.add(own);
    long ahead = weight.getShape().get(0) - place.end();
    if (ahead > 0) {
      parts.add(filled(own, n, ahead, filling));
    }
    return NDArrays.concat(parts, 1);
  }

  private static NDArray filled(NDArray like, long rows, long columns, double value) {
    return like.getManager().full(new Shape(rows, columns), (float) value, like.getDataType());
  }
}
