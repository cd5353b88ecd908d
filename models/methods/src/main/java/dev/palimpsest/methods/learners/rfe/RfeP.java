package dev.palimpsest.methods.learners.rfe;

import com.google.auto.service.AutoService;
import dev.palimpsest.methods.learners.BufferSettings;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import java.util.Optional;

/**
 * RFE-P: {@link Rfe} with stored samples of the former task. Their stored features hold f_t and
 * supervise the rectifier to that task.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class RfeP implements RfeLearner<RfeP.Parameters> {
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
    return "rfe-p";
  }

  @Override
  public String summary() {
    return "Rectifies, with stored samples of the former task to check the way back.";
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public RfeSettings settings(Parameters p) {
    return new RfeSettings(p.lambda(), p.drift(), p.modules(), Optional.of(p.buffer()), true);
  }
}
