package dev.palimpsest.stages;

import dev.palimpsest.report.Table;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * A mean over seeds, as it is stored.
 *
 * @param deviation of the sample (n - 1); absent for a single seed
 */
record Mean(double mean, Optional<Double> deviation) {
  static Mean of(List<Double> values) {
    int n = values.size();
    double mean = values.stream().mapToDouble(value -> value).sum() / n;
    double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    return new Mean(mean, n < 2 ? Optional.empty() : Optional.of(Math.sqrt(squares / (n - 1))));
  }

  static <T> Mean of(Collection<T> runs, ToDoubleFunction<T> value) {
    return of(runs.stream().mapToDouble(value).boxed().toList());
  }

  /** A fraction as a table's percentage. */
  Table.Cell percent() {
    return deviation
        .map(spread -> Table.Cell.of(100 * mean, 100 * spread))
        .orElse(Table.Cell.of(100 * mean));
  }
}
