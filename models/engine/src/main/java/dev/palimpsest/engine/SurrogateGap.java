package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;

/**
 * Surrogate gap minimisation (Zhuang et al., ICLR 2022): SAM's gradient g2, less a share of the
 * part of the gradient g1 at the weights that is orthogonal to it: g2 - alpha (g1 - cos(g1, g2)
 * ||g1|| g2 / (||g2|| + 1e-12)).
 *
 * @param sam finds g2
 * @param alpha weight of the orthogonal part; 0: plain SAM
 */
public record SurrogateGap(Sam sam, double alpha) implements Sharpening {
  private static final double TINY = 1e-12;

  @Override
  public Net.Gradient sharpened(Net net, Net.Loss loss, Net.Gradient first) {
    Net.Gradient second = sam.sharpened(net, loss, first);
    if (alpha == 0) {
      return second;
    }
    NDArray g1 = first.vector();
    NDArray g2 = second.vector();
    double norm1 = Ops.norm(g1);
    double norm2 = Ops.norm(g2);
    double cosine = Net.scalar(g1.mul(g2).sum()) / (norm1 * norm2 + TINY);
    NDArray orthogonal = g1.sub(g2.mul(cosine * norm1 / (norm2 + TINY)));
    return new Net.Gradient(
        second.value(), g2.sub(orthogonal.mul(alpha)), second.out(), second.samples());
  }
}
