package dev.palimpsest.methods.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.methods.measures.AccuracyMatrix;
import dev.palimpsest.methods.measures.AverageAccuracy;
import dev.palimpsest.methods.measures.BackwardTransfer;
import dev.palimpsest.methods.measures.Forgetting;
import dev.palimpsest.methods.measures.ForwardTransfer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Measures of a stream against those of mammoth, which are percentages. */
class StreamMeasuresGoldenTest {
  private final JsonNode golden = Golden.read("metrics").get("continual");
  private final AccuracyMatrix matrix = matrix();

  private static List<Double> fractions(JsonNode percentages) {
    return Arrays.stream(Golden.doubles(percentages)).mapToObj(value -> value / 100).toList();
  }

  private AccuracyMatrix matrix() {
    var rows = new ArrayList<List<Double>>();
    golden.get("results_lower_triangle").forEach(row -> rows.add(fractions(row)));
    var before = new ArrayList<Double>();
    var untrained = new ArrayList<Double>();
    for (int k = 2; k <= rows.size(); k++) {
      before.add(fractions(golden.get("results_with_next_task").get(k - 2)).getLast());
      untrained.addAll(fractions(golden.get("random_results").get(k - 1)));
    }
    return new AccuracyMatrix(rows, Optional.of(new AccuracyMatrix.Ahead(before, untrained)));
  }

  private void is(double fraction, String name) {
    assertThat(100 * fraction).as(name).isCloseTo(golden.get(name).doubleValue(), within(1e-12));
  }

  @Test
  void measuresOfAStreamFollowTheReference() {
    is(AverageAccuracy.of(matrix).orElseThrow(), "final_average_accuracy");
    is(Forgetting.of(matrix).orElseThrow(), "forgetting_textbook");
    is(BackwardTransfer.of(matrix).orElseThrow(), "backward_transfer");
    is(ForwardTransfer.of(matrix).orElseThrow(), "forward_transfer");
    double[] after = Golden.doubles(golden.get("average_accuracy_after_each_task"));
    assertThat(after).hasSize(matrix.tasks());
    for (int t = 1; t <= after.length; t++) {
      assertThat(100 * AverageAccuracy.after(matrix, t)).isCloseTo(after[t - 1], within(1e-12));
    }
  }
}
