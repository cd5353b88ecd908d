package dev.palimpsest.methods.rectifiers;

import com.google.auto.service.AutoService;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;

/** An ablation of {@link GatedRectifier} without gates: R(f, a) = W f + V a + b. */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class LinearRectifier implements Rectifier<LinearRectifier.Parameters> {
  /** None. */
  public record Parameters() {}

  @Override
  public String name() {
    return "linear";
  }

  @Override
  public String summary() {
    return "One affine map of main and auxiliary features; an ablation of the gated rectifier.";
  }

  @Override
  public Citation citation() {
    return GatedRectifier.CITATION;
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Link link(Parameters parameters) {
    return (pass, prefix, features, aux) ->
        pass.linear(prefix + "map", features.concat(aux, 1), (int) features.getShape().get(1));
  }
}
