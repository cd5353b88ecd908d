package dev.palimpsest.methods.defences;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Schedule;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;

/**
 * Plain fine-tuning on clean samples; defaults as in sequential backdoor learning's evaluation.
 * BackdoorBench: 100 epochs of 256 samples a step, period 100.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class FineTuning implements Defence<FineTuning.Parameters> {
  /** SGD and its schedule. */
  public record Parameters(
      @Param(help = "learning rate of the first epoch", value = "0.01", min = 0) double lr,
      @Param(help = "momentum", value = "0.9", min = 0, max = 1) double momentum,
      @Param(help = "weight decay (L2)", value = "5e-4", min = 0) double weightDecay,
      @Param(help = "schedule of the learning rate", value = "\"cosine\"") Schedule schedule,
      @Param(help = "epochs to the cosine's lowest rate (T_max)", value = "50", min = 1) int period,
      @Param(help = "epochs", value = "50", min = 1) int epochs,
      @Param(help = "samples a step", value = "128", min = 1) int batch) {
    Recipe recipe() {
      return Recipe.of(epochs, batch, Sgd.Settings.of(lr, momentum, weightDecay))
          .with(schedule, period);
    }
  }

  @Override
  public String name() {
    return "ft";
  }

  @Override
  public String summary() {
    return "Fine-tuning of the whole network on clean samples.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "liu2018finepruning",
        "Kang Liu and Brendan Dolan-Gavitt and Siddharth Garg",
        "Fine-Pruning: Defending Against Backdooring Attacks on Deep Neural Networks",
        "Research in Attacks, Intrusions, and Defenses (RAID)",
        2018);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Training start(Parameters parameters, DefenceContext context) {
    return context.training(parameters.recipe(), Lesson.PLAIN);
  }
}
