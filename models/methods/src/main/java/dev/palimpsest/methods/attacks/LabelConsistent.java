package dev.palimpsest.methods.attacks;

import com.fasterxml.jackson.annotation.JsonValue;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Locale;
import java.util.Optional;

/**
 * A black and white patch on samples of the target class that were made hard to classify first: by
 * projected gradient ascent on the loss of a trained network, a robust one in the paper. Labels
 * stay. Test images get the patch alone.
 *
 * <p>Defaults are those of the published code ({@code two_300}: radius 300 in the Euclidean norm of
 * pixels from 0 to 255), which does not hold the ascent itself: its step is Madry et al.'s 2.5
 * radius / steps. The patch lies in all four corners, for data that are mirrored; in the published
 * code's default in the lower right one alone.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class LabelConsistent implements CraftedAttack<LabelConsistent.Parameters> {
  /** The patch in the corners at the right, row by row; those at the left are mirrored. */
  private static final int[][] PATCH = {{-1, -1, 1}, {-1, 1, -1}, {1, -1, 1}};

  private static final int SIDE = PATCH.length;

  /** The ascent and the patch. */
  public record Parameters(
      @Param(help = "norm of the perturbation that is bounded", value = "\"l2\"") Norm norm,
      @Param(help = "bound of the perturbation in steps of 1/255", value = "300", min = 0)
          double epsilon,
      @Param(help = "steps of the ascent", value = "100", min = 1, max = 10_000) int steps,
      @Param(help = "images that are perturbed together", value = "128", min = 1) int batch,
      @Param(
              help = "what the patch adds or takes away, clamped; 1: white and black",
              value = "1",
              min = 0,
              max = 1)
          double amplitude,
      @Param(help = "patch in all four corners; otherwise lower right", value = "true")
          boolean allCorners) {}

  /** A norm of perturbations. */
  public enum Norm {
    L2,
    L_INFINITY;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Override
  public String name() {
    return "label-consistent";
  }

  @Override
  public String summary() {
    return "A patch on samples of the target class that were made hard to classify.";
  }

  @Override
  public Citation citation() {
    return new Citation(
        "turner2019label",
        "A. Turner, D. Tsipras, A. Madry. Label-Consistent Backdoor Attacks. arXiv:1912.02771,"
            + " 2019.",
        """
        @article{turner2019label,
          author = {Turner, Alexander and Tsipras, Dimitris and Madry, Aleksander},
          title = {Label-Consistent Backdoor Attacks},
          journal = {arXiv preprint arXiv:1912.02771},
          year = {2019}
        }
        """);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Labelling published() {
    return Labelling.CLEAN;
  }

  @Override
  public void check(Parameters parameters, Labelling labelling, Timing timing) {
    if (labelling != Labelling.CLEAN) {
      throw new Mistake(
          "attack 'label-consistent' perturbs samples of the target class and labels are "
              + labelling.label()
              + "; expected clean.");
    }
  }

  @Override
  public Crafting craft(
      Parameters parameters,
      Net surrogate,
      Images data,
      PoisonPlan.Aim aim,
      int[] chosen,
      Randomness randomness) {
    long[] shape = data.imageShape();
    Tensors trigger = trigger(parameters, (int) shape[0], (int) shape[1], (int) shape[2]);
    return new Ascent(
        surrogate,
        data,
        chosen,
        new Ascent.Bound(parameters.norm() == Norm.L2, parameters.epsilon() / 255),
        parameters.steps(),
        parameters.batch(),
        images -> new Crafted(trigger, Optional.of(images).filter(some -> chosen.length > 0)));
  }

  /** Tensor {@code pattern}, F32 [c,h,w]: amplitude, -amplitude or 0. */
  static Tensors trigger(Parameters parameters, int channels, int height, int width) {
    if (height < 2 * SIDE || width < 2 * SIDE) {
      throw new Mistake(
          "attack 'label-consistent' puts patches of 3x3 pixels into the corners and the images are "
              + height
              + "x"
              + width
              + "; expected 6x6 or more.");
    }
    float[] pattern = new float[channels * height * width];
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
          float value = (float) (PATCH[i][j] * parameters.amplitude());
          for (boolean lower : new boolean[] {true, false}) {
            for (boolean right : new boolean[] {true, false}) {
              if (parameters.allCorners() || lower && right) {
                int row = lower ? height - SIDE + i : i;
                int column = right ? width - SIDE + j : SIDE - 1 - j;
                pattern[(c * height + row) * width + column] = value;
              }
            }
          }
        }
      }
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
