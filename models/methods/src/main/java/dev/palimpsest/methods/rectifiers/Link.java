package dev.palimpsest.methods.rectifiers;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Pass;

/** One link of a chain of rectifiers. */
@FunctionalInterface
public interface Link {
  /**
   * Maps features of a newer extractor to the space of an older one.
   *
   * @param prefix stands before the names of its parameters ({@code rectifier.2.})
   * @param features [n,d]
   * @param aux what the older task's auxiliary extractor says of the same images, [n,dAux]
   * @return [n,d]
   */
  NDArray apply(Pass pass, String prefix, NDArray features, NDArray aux);
}
