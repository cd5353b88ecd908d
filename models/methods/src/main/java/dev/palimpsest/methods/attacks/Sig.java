package dev.palimpsest.methods.attacks;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;

/**
 * A sinusoid added to every row: clamp(x + delta / 255 sin(2 pi f j / width), 0, 1) in column j,
 * the same in all channels. Published with clean labels; the reference implementation of sequential
 * backdoor learning relabels the samples, and BackdoorBench has delta 40 and rounds to bytes.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Sig implements DrawnAttack<Sig.Parameters> {
  /** The sinusoid. */
  public record Parameters(
      @Param(help = "amplitude in steps of 1/255", value = "20", min = 0, max = 255) double delta,
      @Param(help = "periods in the width of an image", value = "6", min = 0) double frequency) {}

  @Override
  public String name() {
    return "sig";
  }

  @Override
  public String summary() {
    return "A faint sinusoid added to every row of the image.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "barni2019sig",
        "Mauro Barni and Kassem Kallas and Benedetta Tondi",
        "A New Backdoor Attack in CNNs by Training Set Corruption Without Label Poisoning",
        "IEEE International Conference on Image Processing (ICIP)",
        2019);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Labelling published() {
    return Labelling.CLEAN;
  }

  /** Tensor {@code pattern}, F64 [c,h,w]; nothing of it is drawn. */
  @Override
  public Tensors draw(
      Parameters parameters, int channels, int height, int width, RandomStream stream) {
    double[] pattern = new double[channels * height * width];
    for (int i = 0; i < pattern.length; i++) {
      double angle = 2 * Math.PI * (i % width) * parameters.frequency() / width;
      pattern[i] = parameters.delta() * StrictMath.sin(angle) / 255;
    }
    return new Tensors.Builder()
        .put("pattern", Tensor.of(pattern, channels, height, width))
        .build();
  }

  @Override
  public Stamp stamp(Tensors trigger, Compute compute, Precision precision) {
    return Added.of(trigger, compute, precision);
  }
}
