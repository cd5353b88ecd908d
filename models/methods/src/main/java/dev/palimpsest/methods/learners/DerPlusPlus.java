package dev.palimpsest.methods.learners;

import com.google.auto.service.AutoService;
import dev.palimpsest.methods.learners.Buffer.Extra;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.EnumSet;
import java.util.Optional;

/**
 * Dark experience replay with labels (DER++): {@link Der} plus beta times the cross-entropy on a
 * second batch from the buffer, drawn independently, as in the reference code (mammoth).
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class DerPlusPlus implements Learner<DerPlusPlus.Parameters> {
  /** The weights of both parts, and the buffer. */
  public record Parameters(
      @Param(help = "weight of the distance to the logits kept", value = "0.1", min = 0, max = 1000)
          double alpha,
      @Param(
              help = "weight of the replayed labels' cross-entropy",
              value = "0.5",
              min = 0,
              max = 1000)
          double beta,
      @Param(help = "buffer") BufferSettings buffer) {}

  @Override
  public String name() {
    return "derpp";
  }

  @Override
  public String summary() {
    return "Dark experience replay with labels: former logits and former labels are replayed.";
  }

  @Override
  public Citation citation() {
    return Der.PAPER;
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
    return new LogitReplay(
        parameters.buffer(), context, parameters.alpha(), Optional.of(parameters.beta()));
  }

  @Override
  public Consolidation consolidation(Parameters parameters, TaskContext context) {
    return Buffer.unlessHeld(parameters.buffer(), context, EnumSet.of(Extra.LOGITS));
  }
}
