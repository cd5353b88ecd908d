package dev.palimpsest.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void labelsThatStandClearStay() {
    assertThat(Spread.apart(new double[] {50, 10, 90}, 15, 0, 100)).containsExactly(50, 10, 90);
  }

  @Test
  void labelsThatTouchMoveApartEvenly() {
    assertThat(Spread.apart(new double[] {50, 52}, 10, 0, 100)).containsExactly(46, 56);
  }

  @Test
  void labelsAtTheEdgeStayInside() {
    assertThat(Spread.apart(new double[] {0, 1, 2}, 10, 0, 100)).containsExactly(0, 10, 20);
    assertThat(Spread.apart(new double[] {99, 100}, 10, 0, 100)).containsExactly(90, 100);
  }

  @Test
  void noTwoLabelsOverlapAndTheirOrderHolds() {
    var random = new Random(1);
    for (int round = 0; round < 500; round++) {
      int n = 1 + random.nextInt(8);
      double[] wanted = random.doubles(n, 0, 100).toArray();
      double[] places = Spread.apart(wanted, 12, 0, 100);
      assertThat(Arrays.stream(places).boxed())
          .allSatisfy(place -> assertThat(place).isBetween(-1e-9, 100 + 1e-9));
      Integer[] order = new Integer[n];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, (a, b) -> Double.compare(wanted[a], wanted[b]));
      for (int i = 1; i < n; i++) {
        assertThat(places[order[i]] - places[order[i - 1]]).isGreaterThan(12 - 1e-9);
      }
    }
  }
}
