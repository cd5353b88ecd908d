package dev.palimpsest.methods.measures;

import com.google.auto.service.AutoService;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Backward transfer (BWT): what later tasks did to the accuracy on earlier ones. */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class BackwardTransfer implements StreamMeasure<BackwardTransfer.Parameters> {
  /** None. */
  public record Parameters() {}

  @Override
  public String name() {
    return "backward-transfer";
  }

  @Override
  public String summary() {
    return "Mean change of the tasks but the last, from just learned to after the last task.";
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

  /** 1/(T-1) sum over k < T of R[T][k] - R[k][k]; empty for one task. */
  public static OptionalDouble of(AccuracyMatrix matrix) {
    int last = matrix.tasks();
    return IntStream.range(1, last)
        .mapToDouble(k -> matrix.at(last, k) - matrix.at(k, k))
        .average();
  }
}
