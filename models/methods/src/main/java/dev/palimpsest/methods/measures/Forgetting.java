package dev.palimpsest.methods.measures;

import com.google.auto.service.AutoService;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Forgetting: how much lower a task's accuracy is at the end than it was at its best. */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Forgetting implements StreamMeasure<Forgetting.Parameters> {
  /** None. */
  public record Parameters() {}

  @Override
  public String name() {
    return "forgetting";
  }

  @Override
  public String summary() {
    return "Mean fall of the tasks but the last, from their best accuracy to that after the last task.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "chaudhry2018riemannian",
        "Arslan Chaudhry and Puneet K. Dokania and Thalaiyasingam Ajanthan and Philip H. S. Torr",
        "Riemannian Walk for Incremental Learning: Understanding Forgetting and Intransigence",
        "European Conference on Computer Vision (ECCV)",
        2018);
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
   * 1/(T-1) sum over k < T of (max over k <= t < T of R[t][k]) - R[T][k]; empty for one task. It is
   * negative where tasks are known better at the end than ever before.
   */
  public static OptionalDouble of(AccuracyMatrix matrix) {
    int last = matrix.tasks();
    return IntStream.range(1, last)
        .mapToDouble(k -> best(matrix, k, last) - matrix.at(last, k))
        .average();
  }

  private static double best(AccuracyMatrix matrix, int k, int last) {
    return IntStream.range(k, last).mapToDouble(t -> matrix.at(t, k)).max().orElseThrow();
  }
}
