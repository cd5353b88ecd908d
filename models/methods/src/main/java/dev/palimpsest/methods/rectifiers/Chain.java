package dev.palimpsest.methods.rectifiers;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Pass;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The rectifiers of all old tasks: g_t = f(x), g_k = R_k(g_{k+1}, a_k(x)) for k = t-1 down to 1; on
 * the direct path g_k = R_k(f(x), a_k(x)). Parameters {@code rectifier.K.*}. Tasks count from 1.
 */
public record Chain(Link link, Path path) {
  /** One link: features from the space above to that of {@code task}. */
  public NDArray rectified(Pass pass, int task, NDArray features, NDArray aux) {
    return link.apply(pass, "rectifier." + task + ".", features, aux);
  }

  /**
   * The features in the space of each task from {@code oldest} to {@code tasks}.
   *
   * @param links the newest task that has a rectifier; what is newer is read from {@code features}
   *     as they are. That is {@code tasks - 1}, or one less while the newest task is being learned
   * @param features f(x), [n,d]
   * @param aux a_k(x) by task, [n,dAux]; asked for tasks from {@code links} down to {@code oldest}
   */
  public Spaces spaces(
      Pass pass, int oldest, int links, int tasks, NDArray features, IntFunction<NDArray> aux) {
    var spaces = new ArrayDeque<NDArray>();
    for (int task = tasks; task > links; task--) {
      spaces.addFirst(features);
    }
    NDArray above = features;
    for (int task = links; task >= oldest; task--) {
      above = rectified(pass, task, path == Path.CHAIN ? above : features, aux.apply(task));
      spaces.addFirst(above);
    }
    return new Spaces(oldest, List.copyOf(spaces));
  }

  /**
   * Features of the same images in the spaces of consecutive tasks.
   *
   * @param features [n,d] of each task, beginning with {@code oldest}
   */
  public record Spaces(int oldest, List<NDArray> features) {
    /** The features in the space of a task. */
    public NDArray of(int task) {
      return features.get(task - oldest);
    }

    /** The newest task. */
    public int newest() {
      return oldest + features.size() - 1;
    }
  }
}
