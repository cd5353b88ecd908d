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
 * The whole image warped by one smooth field. In noise mode further samples are warped by the field
 * and by noise that is drawn for each of them, and keep their labels, so that the network learns
 * this very field and not that images were warped.
 *
 * <p>The published code adds the noise once; that of sequential backdoor learning would add it
 * twice, and never does: there noise mode is off, which is {@code crossRatio} 0 here.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class WaNet implements DrawnAttack<WaNet.Parameters> {
  private static final String FIELD = "field";
  private static final String NOISE = "noise";

  /** The field, and the noise beside it. */
  public record Parameters(
      @Param(help = "control points on a side of the field", value = "4", min = 2, max = 64) int k,
      @Param(
              help = "strength: mean displacement of the control points in half pixels",
              value = "0.5",
              min = 0)
          double s,
      @Param(
              help =
                  "noise mode: samples warped with noise, which keep their labels, for each poisoned"
                      + " one; 0: without",
              value = "2",
              min = 0)
          double crossRatio,
      @Param(help = "largest displacement by the noise in half pixels", value = "1", min = 0)
          double noise) {}

  @Override
  public String name() {
    return "wanet";
  }

  @Override
  public String summary() {
    return "A smooth warp of the whole image, with or without noise mode.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "nguyen2021wanet",
        "Tuan Anh Nguyen and Anh Tuan Tran",
        "WaNet - Imperceptible Warping-based Backdoor Attack",
        "International Conference on Learning Representations (ICLR)",
        2021);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public double covers(Parameters parameters) {
    return parameters.crossRatio();
  }

  @Override
  public void check(Parameters parameters, Labelling labelling, Timing timing) {
    if (timing == Timing.STATIC && parameters.crossRatio() > 0) {
      throw new Mistake(
          "attack 'wanet' draws the noise of its noise mode in every batch and timing is static;"
              + " expected timing dynamic, or crossRatio 0.");
    }
  }

  /**
   * Tensors {@code field}, F64 [h,w,2], where each pixel comes from, x and then y, from -1 (first
   * pixel) to 1 (last); {@code noise}, F64 [1].
   */
  @Override
  public Tensors draw(
      Parameters parameters, int channels, int height, int width, RandomStream stream) {
    if (height < 2 || width < 2) {
      throw new Mistake(
          "wanet: an image of "
              + height
              + "x"
              + width
              + " cannot be warped; expected 2x2 pixels or more.");
    }
    int k = parameters.k();
    double[] control = new double[2 * k * k];
    for (int i = 0; i < control.length; i++) {
      control[i] = stream.uniform();
    }
    double[] field = WarpField.of(WarpField.normalised(control), k, parameters.s(), height, width);
    return trigger(field, parameters.noise(), height, width);
  }

  /** The trigger of a field [height,width,2]. */
  static Tensors trigger(double[] field, double noise, int height, int width) {
    return new Tensors.Builder()
        .put(FIELD, Tensor.of(field, height, width, 2))
        .put(NOISE, Tensor.of(new double[] {noise}, 1))
        .build();
  }

  @Override
  public Stamp stamp(Tensors trigger, Compute compute, Precision precision) {
    Tensor field = trigger.get(FIELD);
    int height = (int) field.shape()[0];
    int width = (int) field.shape()[1];
    return new Warp(
        field.doubles(),
        trigger.get(NOISE).doubles()[0],
        height,
        width,
        compute,
        Sampling.of(field.doubles(), 1, height, width, compute, precision),
        precision);
  }

  /** The warp, ready for images without noise. */
  private record Warp(
      double[] field,
      double noise,
      int height,
      int width,
      Compute compute,
      Sampling sampling,
      Precision precision)
      implements Stamp {
    @Override
    public NDArray apply(NDArray images) {
      return sampling.apply(images);
    }

    @Override
    public NDArray cover(NDArray images, int[] covered, RandomStream stream) {
      double[] noisy = WarpField.noisy(field, noise, covered.length, height, width, stream);
      NDArray chosen = Rows.of(images, compute, covered);
      try (Sampling own = Sampling.of(noisy, covered.length, height, width, compute, precision)) {
        return own.apply(chosen);
      }
    }

    @Override
    public void close() {
      sampling.close();
    }
  }
}
