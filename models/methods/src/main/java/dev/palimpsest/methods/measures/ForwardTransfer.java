package dev.palimpsest.methods.measures;

import com.google.auto.service.AutoService;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Forward transfer (FWT): what earlier tasks did to the accuracy on a task not yet learned. */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class ForwardTransfer implements StreamMeasure<ForwardTransfer.Parameters> {
  /** None. */
  public record Parameters() {}

  @Override
  public String name() {
    return "forward-transfer";
  }

  @Override
  public String summary() {
    return "Mean gain of the tasks but the first before they are learned, over the untrained network.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "lopezpaz2017gem",
        "David Lopez-Paz and Marc'Aurelio Ranzato",
        "Gradient Episodic Memory for Continual Learning",
        "Advances in Neural Information Processing Systems (NeurIPS)",
        2017);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public OptionalDouble of(Parameters parameters, AccuracyMatrix matrix) {
    return of(matrix);
  }

  /**
   * 1/(T-1) sum over k > 1 of R[k-1][k] - b[k] with b of the untrained network; empty for one task,
   * and where accuracies ahead were not measured.
   */
  public static OptionalDouble of(AccuracyMatrix matrix) {
    return matrix.ahead().stream()
        .flatMapToDouble(ahead ->
            IntStream.range(0, ahead.before().size())
                .mapToDouble(i -> ahead.before().get(i) - ahead.untrained().get(i)))
        .average();
  }
}
