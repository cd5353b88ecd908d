package dev.palimpsest.methods.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.methods.measures.AttackSuccessRate;
import dev.palimpsest.methods.measures.CleanAccuracy;
import dev.palimpsest.methods.measures.Confusion;
import dev.palimpsest.methods.measures.DefenceEffect;
import dev.palimpsest.methods.measures.Outcome;
import dev.palimpsest.methods.measures.RobustAccuracy;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MetricsGoldenTest {
  private static final double TOLERANCE = 1e-12;
  private final JsonNode golden = Golden.read("metrics").get("backdoor");
  private final Outcome before = outcome("");
  private final Outcome after = outcome("_defended");

  private Outcome outcome(String suffix) {
    long[] targetMap = new long[5];
    Arrays.fill(targetMap, golden.get("target").longValue());
    return Outcome.of(
        Golden.longs(golden.get("true_labels")),
        Golden.ints(golden.get("clean_predictions" + suffix)),
        Golden.ints(golden.get("poisoned_predictions" + suffix)),
        targetMap);
  }

  private void assertIs(OptionalDouble actual, String name) {
    assertThat(actual.orElseThrow())
        .as(name)
        .isCloseTo(golden.get(name).doubleValue(), within(TOLERANCE));
  }

  @Test
  void measuresOfTheBackdooredNetworkFollowTheReference() {
    assertIs(CleanAccuracy.of(before), "clean_accuracy");
    assertIs(AttackSuccessRate.of(before), "attack_success_rate");
    assertIs(RobustAccuracy.of(before), "robust_accuracy");
    assertThat(AttackSuccessRate.counted(before))
        .isEqualTo(golden.get("samples_counted_for_asr").intValue());
  }

  /** The confusion with the trigger on every image has what ASR leaves out. */
  @Test
  void asrOverAllClassesCanBeReadFromTheTriggeredConfusion() {
    int target = golden.get("target").intValue();
    long[] counts = Confusion.triggered(before, 5).longs();
    long wanted = IntStream.range(0, 5).mapToLong(row -> counts[row * 5 + target]).sum();
    assertIs(
        OptionalDouble.of((double) wanted / LongStream.of(counts).sum()),
        "attack_success_rate_if_target_class_were_kept");
  }

  @Test
  void measuresOfTheDefendedNetworkFollowTheReference() {
    assertIs(CleanAccuracy.of(after), "clean_accuracy_defended");
    assertIs(AttackSuccessRate.of(after), "attack_success_rate_defended");
    assertIs(RobustAccuracy.of(after), "robust_accuracy_defended");
  }

  @Test
  void effectOfTheDefenceFollowsTheReference() {
    DefenceEffect.Measured former = DefenceEffect.Measured.of(before).orElseThrow();
    DefenceEffect.Measured latter = DefenceEffect.Measured.of(after).orElseThrow();
    assertIs(
        OptionalDouble.of(DefenceEffect.effectiveness(former, latter)),
        "defense_effectiveness_rate");
    assertIs(
        OptionalDouble.of(DefenceEffect.robustImprovement(former, latter)),
        "robust_improvement_rate");
  }
}
