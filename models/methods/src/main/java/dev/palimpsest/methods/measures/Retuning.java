package dev.palimpsest.methods.measures;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;

/**
 * Post-purification robustness: how fast the backdoor returns when a defended network is tuned on a
 * few poisoned samples (the retuning attack of Min et al. 2024). A defence that removed the
 * backdoor, and not only its effect, resists as many as a network that never had one.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Retuning implements StageMeasure<Retuning.Parameters> {
  /** The samples, and SGD at a constant rate. */
  public record Parameters(
      @Param(help = "poisoned samples, drawn", value = "10", min = 1, max = 1_000_000) int poisoned,
      @Param(
              help = "clean samples beside them, drawn, which keep the accuracy up",
              value = "90",
              min = 0,
              max = 1_000_000)
          int clean,
      @Param(help = "epochs", value = "10", min = 1, max = 10_000) int epochs,
      @Param(help = "learning rate", value = "0.01", min = 0, max = 100) double lr,
      @Param(help = "momentum", value = "0.9", min = 0, max = 1) double momentum,
      @Param(help = "weight decay (L2)", value = "0", min = 0, max = 1) double weightDecay,
      @Param(help = "samples a step", value = "32", min = 1, max = 65_536) int batch) {}

  @Override
  public String name() {
    return "retuning";
  }

  @Override
  public String summary() {
    return "How fast the backdoor returns when a network is tuned on a few poisoned samples.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "min2024superficial",
        "Rui Min and Zeyu Qin and Nevin L. Zhang and Li Shen and Minhao Cheng",
        "Uncovering, Explaining, and Mitigating the Superficial Safety of Backdoor Defense",
        "Advances in Neural Information Processing Systems (NeurIPS)",
        2024);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  /**
   * Begins to tune {@code net}, which is changed in place.
   *
   * @param samples the first {@code p.poisoned()} of them get trigger and target label, in every
   *     epoch, after augmentation
   */
  public static Training start(
      Parameters p,
      Net net,
      Images samples,
      Poison poison,
      Augmentation augmentation,
      Randomness randomness) {
    Recipe recipe =
        Recipe.of(p.epochs(), p.batch(), Sgd.Settings.of(p.lr(), p.momentum(), p.weightDecay()))
            .with(augmentation);
    return Training.of(
        net, samples, recipe, new First(poison, p.poisoned()), Lesson.PLAIN, randomness);
  }

  /** Poisons the samples at the head of the data. */
  private record First(Poison poison, int count) implements Poisoner {
    @Override
    public Batch afterAugmentation(Batch batch, int[] indices, RandomStream stream) {
      boolean[] marked = new boolean[indices.length];
      for (int i = 0; i < marked.length; i++) {
        marked[i] = indices[i] < count;
      }
      return poison.poisoned(batch, marked);
    }
  }
}
