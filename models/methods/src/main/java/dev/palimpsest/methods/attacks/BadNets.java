package dev.palimpsest.methods.attacks;

import com.fasterxml.jackson.annotation.JsonValue;
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
import java.util.Locale;

/**
 * A small patch in a corner. Its colours are drawn, as in the reference implementation of
 * sequential backdoor learning, or given: the paper's patches are white or a black and white
 * pattern.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class BadNets implements DrawnAttack<BadNets.Parameters> {
  /** The patch. */
  public record Parameters(
      @Param(help = "side of the square patch in pixels", value = "3", min = 1) int size,
      @Param(help = "corner that the patch lies in", value = "\"lower-right\"") Corner corner,
      @Param(
              help =
                  "colours of the patch where no picture is given; drawn: the sigmoid of a normal draw"
                      + " per pixel and channel",
              value = "\"drawn\"")
          Colours colours) {
    /** A patch of drawn colours. */
    public Parameters(int size, Corner corner) {
      this(size, corner, Colours.DRAWN);
    }
  }

  /** What the patch looks like. */
  public enum Colours {
    DRAWN,
    WHITE,
    BLACK,
    /** White and black pixels by turns, white in the upper left one. */
    CHECKERBOARD;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    private double at(int row, int column, RandomStream stream) {
      return switch (this) {
        case DRAWN -> 1 / (1 + StrictMath.exp(-stream.gaussian()));
        case WHITE -> 1;
        case BLACK -> 0;
        case CHECKERBOARD -> (row + column) % 2 == 0 ? 1 : 0;
      };
    }
  }

  @Override
  public String name() {
    return "badnets";
  }

  @Override
  public String summary() {
    return "A small patch of drawn or given colours in a corner of the image.";
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
    double[] patch = new double[channels * size * size];
    for (int i = 0; i < patch.length; i++) {
      patch[i] = parameters.colours().at(i / size % size, i % size, stream);
    }
    return placed(parameters, patch, channels, height, width);
  }

  /** As {@link #draw}, of the picture in the size of the patch. */
  @Override
  public Tensors of(Parameters parameters, Tensor picture, int height, int width) {
    int size = parameters.size();
    return placed(
        parameters, Resize.picture(picture, size, size), (int) picture.shape()[0], height, width);
  }

  /** The patch [channels, size, size] in its corner. */
  private static Tensors placed(
      Parameters parameters, double[] patch, int channels, int height, int width) {
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
    for (int i = 0; i < patch.length; i++) {
      int row = i / size % size;
      int place = (i / (size * size) * height + top + row) * width + left + i % size;
      mask[place] = 1;
      pattern[place] = (float) patch[i];
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
}
