package dev.palimpsest.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class RandomnessTest {
  private static List<Long> words(RandomStream stream) {
    var words = new ArrayList<Long>();
    for (int i = 0; i < 4; i++) {
      words.add(stream.nextLong());
    }
    return words;
  }

  @Test
  void aStreamIsAFunctionOfSeedScopePurposeAndIndex() {
    var distinct = new HashSet<List<Long>>();
    for (int repetition = 0; repetition < 2; repetition++) {
      distinct.add(words(Randomness.of(1).stream("shuffle")));
      distinct.add(words(Randomness.of(2).stream("shuffle")));
      distinct.add(words(Randomness.of(1).stream("crop")));
      distinct.add(words(Randomness.of(1).stream("shuffle", 0)));
      distinct.add(words(Randomness.of(1).stream("shuffle", 1)));
      distinct.add(words(Randomness.of(1).stream("shuffle", 1, 0)));
      distinct.add(words(Randomness.of(1).within("task-2").stream("shuffle")));
    }
    assertThat(distinct).hasSize(7);
  }

  @Test
  void theWordsAreThoseOfEveryMachineAndJavaVersion() {
    assertThat(words(Randomness.of(42).stream("pinned", 3, 5)))
        .containsExactly(
            3780132402636947891L, 8959524912886186924L, 2926595588468331489L, 9044070816966220545L);
  }

  @Test
  void theGeneratorIsTheOneOfTheLiterature() {
    byte[] seed = new byte[32];
    for (int i = 0; i < seed.length; i++) {
      seed[i] = (byte) (37 * i + 11);
    }
    RandomGenerator library = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    RandomGenerator own = new L64X128Mix(ByteBuffer.wrap(seed));
    for (int i = 0; i < 1000; i++) {
      assertThat(own.nextLong()).isEqualTo(library.nextLong());
    }
  }

  @Test
  void gaussianDrawsHaveTheMomentsOfTheNormalDistribution() {
    RandomStream stream = Randomness.of(5).stream("gaussian");
    int n = 200_000;
    double sum = 0;
    double squares = 0;
    double fourths = 0;
    for (int i = 0; i < n; i++) {
      double x = stream.gaussian();
      sum += x;
      squares += x * x;
      fourths += x * x * x * x;
    }
    assertThat(sum / n).isCloseTo(0, within(0.01));
    assertThat(squares / n).isCloseTo(1, within(0.02));
    assertThat(fourths / n).isCloseTo(3, within(0.1));
  }

  @Test
  void aPermutationHoldsEveryPlaceOnceAndFavoursNone() {
    int n = 5;
    int[][] counts = new int[n][n];
    RandomStream stream = Randomness.of(5).stream("permutation");
    for (int repetition = 0; repetition < 10_000; repetition++) {
      int[] order = stream.permutation(n);
      assertThat(order).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
      for (int i = 0; i < n; i++) {
        counts[i][order[i]]++;
      }
    }
    for (int[] row : counts) {
      for (int count : row) {
        assertThat(count).isBetween(1850, 2150);
      }
    }
  }

  @Test
  void boundedDrawsReachEveryValueAndRefuseAnEmptyRange() {
    RandomStream stream = Randomness.of(5).stream("below");
    int[] counts = new int[7];
    for (int i = 0; i < 7000; i++) {
      counts[stream.below(7)]++;
    }
    assertThat(Arrays.stream(counts)).allMatch(count -> count > 850 && count < 1150);
    assertThatThrownBy(() -> stream.below(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
