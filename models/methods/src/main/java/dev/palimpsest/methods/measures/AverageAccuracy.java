package dev.palimpsest.methods.measures;

import com.google.auto.service.AutoService;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Average accuracy: the mean over all tasks learned so far. */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class AverageAccuracy implements StreamMeasure<AverageAccuracy.Parameters> {
  /** None. */
  public record Parameters() {}

  @Override
  public String name() {
    return "average-accuracy";
  }

  @Override
  public String summary() {
    return "Mean accuracy on the tasks learned, after the last of them.";
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

  /** After the last task: 1/T sum over k of R[T][k]; never empty. */
  public static OptionalDouble of(AccuracyMatrix matrix) {
    return OptionalDouble.of(after(matrix, matrix.tasks()));
  }

  /** After task {@code t}: 1/t sum over k of R[t][k]. */
  public static double after(AccuracyMatrix matrix, int t) {
    return IntStream.rangeClosed(1, t).mapToDouble(k -> matrix.at(t, k)).average().orElseThrow();
  }
}
