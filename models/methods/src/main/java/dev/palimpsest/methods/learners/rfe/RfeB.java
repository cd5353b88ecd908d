package dev.palimpsest.methods.learners.rfe;

import com.google.auto.service.AutoService;
import dev.palimpsest.methods.learners.BufferSettings;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Optional;

/**
 * RFE-B: {@link Rfe} with a reservoir of samples of all tasks. Their stored features hold f_t, and
 * supervise every rectifier on the way to a sample's own task, so that the chain is trained as a
 * whole.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class RfeB implements RfeLearner<RfeB.Parameters> {
  /** The pull towards former features, and the modules. */
  public record Parameters(
      @Param(help = RfeSettings.LAMBDA, value = "1.0", min = 0) double lambda,
      @Param(help = RfeSettings.DRIFT, value = "false") boolean drift,
      @Param(help = "rectifier and auxiliary extractor") ModuleSettings modules,
      @Param(help = "samples kept with their features") BufferSettings buffer) {
    public Parameters {
      RfeSettings.check(lambda, modules);
    }
  }

  @Override
  public String name() {
    return "rfe-b";
  }

  @Override
  public String summary() {
    return "Rectifies, with a reservoir of samples of all tasks to check the way back.";
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public RfeSettings settings(Parameters p) {
    return new RfeSettings(p.lambda(), p.drift(), p.modules(), Optional.of(p.buffer()), false);
  }
}
