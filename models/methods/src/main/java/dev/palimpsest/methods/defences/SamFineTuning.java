package dev.palimpsest.methods.defences;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Sam;
import dev.palimpsest.engine.Schedule;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;

/**
 * Fine-tuning with sharpness-aware minimisation; defaults as in sequential backdoor learning's
 * evaluation (the defence's own paper: adaptive, rho 2).
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class SamFineTuning implements Defence<SamFineTuning.Parameters> {
  /** SAM, SGD and its schedule. */
  public record Parameters(
      @Param(help = "radius of SAM's neighbourhood", value = "0.05", min = 0) double rho,
      @Param(help = "whether SAM's radius scales with each weight", value = "false")
          boolean adaptive,
      @Param(help = "learning rate of the first epoch", value = "0.005", min = 0) double lr,
      @Param(help = "momentum", value = "0.9", min = 0, max = 1) double momentum,
      @Param(help = "weight decay (L2)", value = "0", min = 0) double weightDecay,
      @Param(help = "schedule of the learning rate", value = "\"constant\"") Schedule schedule,
      @Param(help = "epochs to the cosine's lowest rate (T_max)", value = "50", min = 1) int period,
      @Param(help = "epochs", value = "50", min = 1) int epochs,
      @Param(help = "samples a step", value = "128", min = 1) int batch) {}

  @Override
  public String name() {
    return "ft-sam";
  }

  @Override
  public String summary() {
    return "Fine-tuning on clean samples with sharpness-aware minimisation.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "zhu2023ftsam",
        "Mingli Zhu and Shaokui Wei and Li Shen and Yanbo Fan and Baoyuan Wu",
        "Enhancing Fine-Tuning Based Backdoor Defense with Sharpness-Aware Minimization",
        "IEEE/CVF International Conference on Computer Vision (ICCV)",
        2023);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Training start(
      Parameters p, Net net, Images clean, Augmentation augmentation, Randomness randomness) {
    Recipe recipe =
        Recipe.of(p.epochs(), p.batch(), Sgd.Settings.of(p.lr(), p.momentum(), p.weightDecay()))
            .with(p.schedule(), p.period())
            .with(new Sam(p.rho(), p.adaptive()))
            .with(augmentation);
    return Training.of(net, clean, recipe, randomness);
  }
}
