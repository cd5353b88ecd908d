package dev.palimpsest.methods.rectifiers;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Pass;

/**
 * The small extractor of one task, which the paper's code names weak extractor: block means of 16 x
 * 16, then twice a 3x3 convolution of stride 2, ReLU and a maximum over 2x2. Parameters {@code
 * aux.K.conv1} and {@code aux.K.conv2}.
 *
 * <p>Images may have any number of channels and any size. Where 16 divides a side the blocks are
 * equal, as published; where not (28, as in Fashion-MNIST) neighbours overlap by a pixel: {@link
 * Ops#blockMeans}.
 *
 * @param dAux numbers that it says of an image; even
 */
public record AuxiliaryExtractor(int dAux) {
  private static final int SIDE = 16;

  public AuxiliaryExtractor {
    if (dAux < 2 || dAux % 2 != 0) {
      throw new Mistake("dAux is " + dAux + "; expected an even number of at least 2.");
    }
  }

  /** The block means, the same for every task; images of 16 x 16 as they are. */
  public static NDArray pooled(NDArray images) {
    boolean small = images.getShape().get(2) == SIDE && images.getShape().get(3) == SIDE;
    return small ? images : Ops.blockMeans(images, SIDE, SIDE);
  }

  /**
   * What the extractor of a task says of images.
   *
   * @param images [n, channels, height, width], or their block means
   * @return [n, dAux]
   */
  public NDArray apply(Pass pass, int task, NDArray images) {
    String prefix = "aux." + task + ".";
    NDArray x = pooled(images);
    x = Ops.relu(pass.convolutionWithBias(prefix + "conv1", x, dAux / 2, 3, 2, 1));
    x = Ops.maxPool(x, 2);
    x = Ops.relu(pass.convolutionWithBias(prefix + "conv2", x, dAux, 3, 2, 1));
    return Ops.maxPool(x, 2).reshape(-1, dAux);
  }
}
