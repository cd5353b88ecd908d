package dev.palimpsest.stages;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.palimpsest.engine.Adam;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Optimiser;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Sam;
import dev.palimpsest.engine.Schedule;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.spec.Param;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** How a network is trained on a task. */
public record TrainingSettings(
    @Param(help = "epochs", min = 1, max = 10_000) int epochs,
    @Param(help = "learning rate of the first epoch", min = 0, max = 100) double lr,
    @Param(help = "samples a step", value = "128", min = 1, max = 65_536) int batch,
    @Param(help = "rule that moves the weights", value = "\"sgd\"") Rule optimiser,
    @Param(help = "momentum of SGD", value = "0.9", min = 0, max = 1) double momentum,
    @Param(help = "weight decay (L2)", value = "5e-4", min = 0, max = 1) double weightDecay,
    @Param(help = "schedule of the learning rate", value = "\"constant\"") Schedule schedule,
    @Param(help = "sharpness-aware minimisation", value = "\"none\"") Sharpness sharpness,
    @Param(help = "radius of SAM's neighbourhood", value = "0.05", min = 0, max = 10) double rho,
    @Param(help = "keep batch normalisation's running statistics as they are", value = "false")
        boolean frozenStatistics) {

  /** How the weights move against the gradient. */
  public enum Rule {
    SGD,
    /** Kingma and Ba, ICLR 2015. */
    ADAM;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How the sharpness of the loss is minimised with it. */
  public enum Sharpness {
    NONE,
    /** Foret et al., ICLR 2021. */
    SAM,
    /** Adaptive SAM: Kwon et al., ICML 2021. */
    ASAM;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private Sgd.Settings sgd() {
    return Sgd.Settings.of(lr, momentum, weightDecay);
  }

  /** What is to be said of SGD with these settings; nothing of another rule. */
  Optional<String> warning(Function<Sgd.Settings, Optional<String>> ofSgd) {
    return optimiser == Rule.SGD ? ofSgd.apply(sgd()) : Optional.empty();
  }

  private Optimiser.Settings settings() {
    return optimiser == Rule.SGD ? sgd() : new Adam.Settings(lr, 0.9, 0.999, 1e-8, weightDecay);
  }

  Recipe recipe(Augmentation augmentation) {
    return new Recipe(
        epochs,
        batch,
        settings(),
        schedule,
        epochs,
        sharpness == Sharpness.NONE
            ? Optional.empty()
            : Optional.of(new Sam(rho, sharpness == Sharpness.ASAM)),
        augmentation,
        frozenStatistics);
  }
}
