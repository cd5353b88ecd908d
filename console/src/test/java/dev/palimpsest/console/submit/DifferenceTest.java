package dev.palimpsest.console.submit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.console.submit.Difference.Row;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DifferenceTest {
  private static final String TWENTY =
      IntStream.rangeClosed(1, 20).mapToObj(i -> "line " + i).collect(Collectors.joining("\n"));

  @Test
  void changedLinesStandWithThreeAroundThem() {
    Difference difference = Difference.of(TWENTY, TWENTY.replace("line 10", "ten\nand more"));
    assertThat(difference.added()).isEqualTo(2);
    assertThat(difference.removed()).isEqualTo(1);
    assertThat(difference.rows())
        .containsExactly(
            new Row("gap", 0, 0, "6 lines"),
            new Row("same", 7, 7, "line 7"),
            new Row("same", 8, 8, "line 8"),
            new Row("same", 9, 9, "line 9"),
            new Row("removed", 10, 0, "line 10"),
            new Row("added", 0, 10, "ten"),
            new Row("added", 0, 11, "and more"),
            new Row("same", 11, 12, "line 11"),
            new Row("same", 12, 13, "line 12"),
            new Row("same", 13, 14, "line 13"));
  }

  @Test
  void noLineStandsTwiceBetweenChangesThatAreNear() {
    Difference difference =
        Difference.of(TWENTY, TWENTY.replace("line 5\n", "five\n").replace("line 9\n", "nine\n"));
    assertThat(difference.rows())
        .filteredOn(row -> row.kind().equals("same"))
        .extracting(Row::before)
        .containsExactly(2, 3, 4, 6, 7, 8, 10, 11, 12);
  }

  @Test
  void equalTextsDoNotDiffer() {
    assertThat(Difference.of(TWENTY, TWENTY).rows()).isEmpty();
  }
}
