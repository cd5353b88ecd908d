package dev.palimpsest.methods.learners.rfe;

import com.google.auto.service.AutoService;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Optional;

/**
 * Retrospective feature estimation without stored samples, first published as incremental latent
 * rectification (ILR): f_t is held near f_{t-1} on the images of task t; after the task, a
 * rectifier learns on the same images to map f_t back to f_{t-1}, and older tasks are read through
 * the chain of rectifiers.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Rfe implements RfeLearner<Rfe.Parameters> {
  /** The pull towards former features, and the modules. */
  public record Parameters(
      @Param(help = RfeSettings.LAMBDA, value = "1.0", min = 0) double lambda,
      @Param(help = RfeSettings.DRIFT, value = "false") boolean drift,
      @Param(help = "rectifier and auxiliary extractor") ModuleSettings modules) {
    public Parameters {
      RfeSettings.check(lambda, modules);
    }
  }

  @Override
  public String name() {
    return "rfe";
  }

  @Override
  public String summary() {
    return "Rectifies: after each task a small map learns the way back to the former features.";
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public RfeSettings settings(Parameters p) {
    return new RfeSettings(p.lambda(), p.drift(), p.modules(), Optional.empty(), false);
  }
}
