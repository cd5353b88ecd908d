package dev.palimpsest.methods.attacks;

import com.fasterxml.jackson.annotation.JsonValue;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.Locale;

/**
 * A whole picture blended into the image: (1 - alpha) x + alpha t. The paper blends random noise or
 * a cartoon, the reference implementations the cartoon alone; here a picture that is given, or one
 * that is drawn: noise, or smooth and of as coarse structure as a cartoon.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Blended implements DrawnAttack<Blended.Parameters> {
  /** Pixels on a side of the drawn grid that becomes a smooth picture. */
  private static final int COARSE = 4;

  /** The picture and its share. */
  public record Parameters(
      @Param(help = "share of the picture in a triggered image", value = "0.2", min = 0, max = 1)
          double alpha,
      @Param(
              help =
                  "where no picture is given: noise, uniform in each pixel and channel, or smooth,"
                      + " 4 x 4 drawn colours resized",
              value = "\"noise\"")
          Picture picture) {}

  /** What a drawn picture is. */
  public enum Picture {
    NOISE,
    SMOOTH;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public String name() {
    return "blended";
  }

  @Override
  public String summary() {
    return "A drawn or given picture blended into the whole image.";
  }

  @Override
  public Citation citation() {
    return new Citation(
        "chen2017blended",
        "X. Chen, C. Liu, B. Li, K. Lu, D. Song. Targeted Backdoor Attacks on Deep Learning Systems"
            + " Using Data Poisoning. arXiv:1712.05526, 2017.",
        """
        @article{chen2017blended,
          author = {Chen, Xinyun and Liu, Chang and Li, Bo and Lu, Kimberly and Song, Dawn},
          title = {Targeted Backdoor Attacks on Deep Learning Systems Using Data Poisoning},
          journal = {arXiv preprint arXiv:1712.05526},
          year = {2017}
        }
        """);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  /** Tensors {@code mask} (alpha everywhere) and {@code pattern} (alpha t), both [c,h,w]. */
  @Override
  public Tensors draw(
      Parameters parameters, int channels, int height, int width, RandomStream stream) {
    boolean smooth = parameters.picture() == Picture.SMOOTH;
    int rows = smooth ? COARSE : height;
    int columns = smooth ? COARSE : width;
    double[] drawn = new double[channels * rows * columns];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = stream.uniform();
    }
    return trigger(
        parameters.alpha(),
        smooth ? Resize.bilinear(drawn, channels, rows, columns, height, width) : drawn,
        channels,
        height,
        width);
  }

  /** As {@link #draw}, of the picture in the size of an image. */
  @Override
  public Tensors of(Parameters parameters, Tensor picture, int height, int width) {
    return trigger(
        parameters.alpha(),
        Resize.picture(picture, height, width),
        (int) picture.shape()[0],
        height,
        width);
  }

  /** The trigger of a picture [channels, height, width], values in [0,1]. */
  static Tensors trigger(double alpha, double[] picture, int channels, int height, int width) {
    float[] mask = new float[picture.length];
    float[] pattern = new float[picture.length];
    Arrays.fill(mask, (float) alpha);
    for (int i = 0; i < picture.length; i++) {
      pattern[i] = (float) (alpha * picture[i]);
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
