package dev.palimpsest.methods.attacks;

import ai.djl.ndarray.NDArray;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;

/**
 * A small patch in a corner. Its colours are drawn: the sigmoid of a normal draw per pixel and
 * channel, as in the reference implementation of sequential backdoor learning.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class BadNets implements Attack<BadNets.Parameters> {
  /** The patch. */
  public record Parameters(
      @Param(help = "side of the square patch in pixels", value = "3", min = 1) int size,
      @Param(help = "corner that the patch lies in", value = "\"lower-right\"") Corner corner) {}

  @Override
  public String name() {
    return "badnets";
  }

  @Override
  public String summary() {
    return "A small patch of drawn colours in a corner of the image.";
  }

  @Override
  public Citation citation() {
    return new Citation(
        "gu2019badnets",
        "T. Gu, K. Liu, B. Dolan-Gavitt, S. Garg. BadNets: Evaluating Backdooring Attacks on Deep"
            + " Neural Networks. IEEE Access 7, 2019.",
        """
        @article{gu2019badnets,
          author = {Gu, Tianyu and Liu, Kang and Dolan-Gavitt, Brendan and Garg, Siddharth},
          title = {{BadNets}: Evaluating Backdooring Attacks on Deep Neural Networks},
          journal = {IEEE Access},
          volume = {7},
          pages = {47230--47244},
          year = {2019}
        }
        """);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  /** Tensors {@code mask} (1 in the patch) and {@code pattern} (0 outside it), both [c,h,w]. */
  @Override
  public Tensors draw(
      Parameters parameters, int channels, int height, int width, RandomStream stream) {
    int size = parameters.size();
    if (size > height || size > width) {
      throw new Mistake(
          "badnets: a patch of "
              + size
              + " pixels does not fit on an image of "
              + height
              + "x"
              + width
              + "; lower 'size'.");
    }
    int top = parameters.corner().isLower() ? height - size : 0;
    int left = parameters.corner().isRight() ? width - size : 0;
    float[] mask = new float[channels * height * width];
    float[] pattern = new float[mask.length];
    for (int c = 0; c < channels; c++) {
      for (int i = top; i < top + size; i++) {
        for (int j = left; j < left + size; j++) {
          int place = (c * height + i) * width + j;
          mask[place] = 1;
          pattern[place] = (float) (1 / (1 + StrictMath.exp(-stream.gaussian())));
        }
      }
    }
    return new Tensors.Builder()
        .put("mask", Tensor.of(mask, channels, height, width))
        .put("pattern", Tensor.of(pattern, channels, height, width))
        .build();
  }

  @Override
  public Stamp stamp(Tensors trigger, Compute compute, Precision precision) {
    return Blend.of(trigger, compute, precision);
  }

  /** x (1 - mask) + pattern. */
  record Blend(NDArray keep, NDArray pattern) implements Stamp {
    static Blend of(Tensors trigger, Compute compute, Precision precision) {
      try (NDArray mask = compute.array(trigger.get("mask"), precision);
          NDArray minus = mask.neg()) {
        return new Blend(minus.add(1), compute.array(trigger.get("pattern"), precision));
      }
    }

    @Override
    public NDArray apply(NDArray images) {
      return images.mul(keep).addi(pattern);
    }

    @Override
    public void close() {
      keep.close();
      pattern.close();
    }
  }
}
