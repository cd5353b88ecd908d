package dev.palimpsest.methods.attacks;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensors;

/**
 * One smooth perturbation for all images, found once against a trained network: of those that a
 * Gaussian low-pass filter makes, one that leads it to the target.
 *
 * <p>The published code takes DeepFool's step for one image after the other, filters it, filters
 * the sum, and stretches that to [0, amplitude]; it goes on until a fifth of 100 images change
 * their class, and takes the class that most change to as the target. Here all images are used, in
 * batches, the perturbation is a filtered vector which moves along the sign of its gradient, and
 * the target is the study's.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class LowFrequency implements CraftedAttack<LowFrequency.Parameters> {
  /** The filter and the search. */
  public record Parameters(
      @Param(
              help = "standard deviation of the Gaussian filter in pixels",
              value = "6",
              min = 0.1,
              max = 1000)
          double sigma,
      @Param(
              help = "the perturbation spans 0 to this, for images in [0,1]",
              value = "0.2",
              min = 0.001,
              max = 1)
          double amplitude,
      @Param(help = "epochs of the search", value = "5", min = 1) int epochs,
      @Param(help = "images a step", value = "128", min = 1) int batch,
      @Param(
              help = "how far a step moves the unfiltered perturbation",
              value = "0.01",
              min = 0,
              max = 1)
          double step) {}

  @Override
  public String name() {
    return "low-frequency";
  }

  @Override
  public String summary() {
    return "A smooth perturbation of the whole image, found against a trained network.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "zeng2021frequency",
        "Yi Zeng and Won Park and Z. Morley Mao and Ruoxi Jia",
        "Rethinking the Backdoor Attacks' Triggers: A Frequency Perspective",
        "IEEE/CVF International Conference on Computer Vision (ICCV)",
        2021);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Crafting craft(
      Parameters parameters,
      Net surrogate,
      Images data,
      PoisonPlan.Aim aim,
      int[] chosen,
      Randomness randomness) {
    return new SmoothSearch(parameters, surrogate, data, aim.targetMap(), randomness);
  }

  @Override
  public Stamp stamp(Tensors trigger, Compute compute, Precision precision) {
    return Added.of(trigger, compute, precision);
  }
}
