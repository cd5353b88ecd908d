package dev.palimpsest.methods.learners;

import com.google.auto.service.AutoService;
import dev.palimpsest.methods.learners.Buffer.Extra;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.EnumSet;
import java.util.Optional;

/**
 * Dark experience replay: cross-entropy on the batch at hand plus alpha times the mean squared
 * distance between the logits of a batch from the buffer and those that the network gave when its
 * samples were kept, over all classes. With a classifier that has grown since, over the classes
 * that there were. The two batches go through the network one after the other.
 *
 * <p>As in the reference code (mammoth), the image is kept as it is in the data and the logits are
 * those of the augmented image in training. Samples of a task that the learner was not there to
 * train, as task 1 of SBL, are kept with the logits of the image itself under running statistics.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Der implements Learner<Der.Parameters> {
  static final Citation PAPER =
      Citation.paper(
          "buzzega2020der",
          "Pietro Buzzega and Matteo Boschini and Angelo Porrello and Davide Abati and Simone"
              + " Calderara",
          "Dark Experience for General Continual Learning: a Strong, Simple Baseline",
          "Advances in Neural Information Processing Systems (NeurIPS)",
          2020);

  /** The distance's weight, and the buffer. */
  public record Parameters(
      @Param(help = "weight of the distance to the logits kept", value = "0.3", min = 0, max = 1000)
          double alpha,
      @Param(help = "buffer") BufferSettings buffer) {}

  @Override
  public String name() {
    return "der";
  }

  @Override
  public String summary() {
    return "Dark experience replay: the network is held to what it said of former samples.";
  }

  @Override
  public Citation citation() {
    return PAPER;
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public boolean needsMemory() {
    return true;
  }

  @Override
  public int samplesKept(Parameters parameters) {
    return parameters.buffer().size();
  }

  @Override
  public TaskLesson lesson(Parameters parameters, TaskContext context) {
    return new LogitReplay(parameters.buffer(), context, parameters.alpha(), Optional.empty());
  }

  @Override
  public Consolidation consolidation(Parameters parameters, TaskContext context) {
    return Buffer.unlessHeld(parameters.buffer(), context, EnumSet.of(Extra.LOGITS));
  }
}
