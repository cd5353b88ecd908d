package dev.palimpsest.methods.rectifiers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Pass;
import java.util.Arrays;
import java.util.function.IntFunction;

/** The losses of retrospective feature estimation. */
public final class Losses {
  private Losses() {}

  /**
   * Cross-entropy among the classes of the current task and of those to come: the columns before
   * {@code first} are cut off, so that the heads of old tasks have no gradient.
   *
   * @param logits [n, classes]
   * @param labels I64 [n], each at least {@code first}
   * @param first the current task's first class
   */
  public static NDArray ofTask(NDArray logits, NDArray labels, int first) {
    return first == 0
        ? Ops.crossEntropy(logits, labels)
        : Ops.crossEntropy(logits.get(new NDIndex(":, {}:", first)), labels.sub(first));
  }

  /** The mean over samples and features of the squared difference: [n,d], [n,d] to a scalar. */
  public static NDArray distance(NDArray features, NDArray target) {
    return features.sub(target).square().mean();
  }

  /**
   * The distance of stored features from those recalled: each sample is compared in the space of
   * its own task.
   *
   * @param links the newest task that has a rectifier
   * @param features f(x) of the stored images, [n,d]
   * @param aux a_k(x) by task, [n,dAux]
   * @param stored the features kept, [n,d]
   * @param tasks the task of each sample, 1 to {@code links}
   */
  public static NDArray recalled(
      Chain chain,
      Pass pass,
      int links,
      NDArray features,
      IntFunction<NDArray> aux,
      NDArray stored,
      int... tasks) {
    int oldest = Arrays.stream(tasks).min().orElseThrow();
    NDManager manager = features.getManager();
    NDArray sum = manager.create(0.0).toType(features.getDataType(), false);
    Chain.Spaces spaces = chain.spaces(pass, oldest, links, links, features, aux);
    for (int task : Arrays.stream(tasks).distinct().sorted().toArray()) {
      double[] own = Arrays.stream(tasks).mapToDouble(each -> each == task ? 1 : 0).toArray();
      NDArray mask = manager.create(own).toType(features.getDataType(), false).expandDims(1);
      sum = sum.add(spaces.of(task).sub(stored).square().mul(mask).sum());
    }
    return Ops.scaled(sum, 1.0 / features.size());
  }
}
