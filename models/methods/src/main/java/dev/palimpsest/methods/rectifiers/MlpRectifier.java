package dev.palimpsest.methods.rectifiers;

import ai.djl.ndarray.NDArray;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;

/**
 * An ablation of {@link GatedRectifier}: a perceptron with one hidden layer of ReLU over main and
 * auxiliary features.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class MlpRectifier implements Rectifier<MlpRectifier.Parameters> {
  /** Its width. At 512 features and 128 auxiliary ones, 256 make it as large as the gated one. */
  public record Parameters(
      @Param(help = "width of the hidden layer", value = "256", min = 1, max = 65536) int hidden) {}

  @Override
  public String name() {
    return "mlp";
  }

  @Override
  public String summary() {
    return "A perceptron with one hidden layer; an ablation of the gated rectifier.";
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
    return (pass, prefix, features, aux) -> {
      NDArray hidden = pass.linear(prefix + "hidden", features.concat(aux, 1), parameters.hidden());
      return pass.linear(prefix + "out", Ops.relu(hidden), (int) features.getShape().get(1));
    };
  }
}
