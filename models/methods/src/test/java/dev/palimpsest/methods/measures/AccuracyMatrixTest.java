package dev.palimpsest.methods.measures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.base.Mistake;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Measures of matrices small enough to compute by hand. */
class AccuracyMatrixTest {
  /** Task 1 is known best after task 2; task 2 is known best at the end. */
  private static final AccuracyMatrix MATRIX =
      new AccuracyMatrix(
          List.of(List.of(0.75), List.of(0.875, 0.5), List.of(0.25, 0.625, 1.0)),
          Optional.of(new AccuracyMatrix.Ahead(List.of(0.625, 0.5), List.of(0.5, 0.75))));

  private static final AccuracyMatrix ONE =
      new AccuracyMatrix(
          List.of(List.of(0.75)), Optional.of(new AccuracyMatrix.Ahead(List.of(), List.of())));

  private static void is(OptionalDouble measured, double expected) {
    assertThat(measured.orElseThrow()).isCloseTo(expected, within(1e-15));
  }

  @Test
  void averageAccuracyIsThatOfTheLastRow() {
    is(AverageAccuracy.of(MATRIX), (0.25 + 0.625 + 1) / 3);
    assertThat(AverageAccuracy.after(MATRIX, 1)).isEqualTo(0.75);
    assertThat(AverageAccuracy.after(MATRIX, 2)).isEqualTo((0.875 + 0.5) / 2);
    is(AverageAccuracy.of(ONE), 0.75);
  }

  @Test
  void forgettingStartsAtTheBestBeforeTheLastTaskAndMayBeNegative() {
    is(Forgetting.of(MATRIX), ((0.875 - 0.25) + (0.5 - 0.625)) / 2);
    is(Forgetting.of(new AccuracyMatrix(MATRIX.rows().subList(0, 2), Optional.empty())), -0.125);
  }

  @Test
  void backwardTransferStartsWhereATaskWasJustLearned() {
    is(BackwardTransfer.of(MATRIX), ((0.25 - 0.75) + (0.625 - 0.5)) / 2);
  }

  @Test
  void forwardTransferIsTheGainOverTheUntrainedNetwork() {
    is(ForwardTransfer.of(MATRIX), ((0.625 - 0.5) + (0.5 - 0.75)) / 2);
    assertThat(ForwardTransfer.of(new AccuracyMatrix(MATRIX.rows(), Optional.empty()))).isEmpty();
  }

  @Test
  void oneTaskIsNeitherForgottenNorTransferred() {
    assertThat(Forgetting.of(ONE)).isEmpty();
    assertThat(BackwardTransfer.of(ONE)).isEmpty();
    assertThat(ForwardTransfer.of(ONE)).isEmpty();
  }

  @Test
  void recallOfAnAgeIsTheMeanOverTheDiagonalOfThatAge() {
    assertThat(MATRIX.recall(0)).isEqualTo((0.75 + 0.5 + 1) / 3);
    assertThat(MATRIX.recall(1)).isEqualTo((0.875 + 0.625) / 2);
    assertThat(MATRIX.recall(2)).isEqualTo(0.25);
  }

  @Test
  void rowsOfAnotherLengthAndWhatIsNoFractionAreRefused() {
    refused(List.of(), "an accuracy matrix has no rows; expected one for each task learned");
    refused(
        List.of(List.of(0.5), List.of(0.5)),
        "after task 2 the accuracies are [0.5]; expected 2 values from 0 to 1");
    refused(
        List.of(List.of(50.0)),
        "after task 1 the accuracies are [50.0]; expected 1 value from 0 to 1");
    refused(
        List.of(List.of(Double.NaN)),
        "after task 1 the accuracies are [NaN]; expected 1 value from 0 to 1");
    assertThatThrownBy(() ->
            new AccuracyMatrix(
                MATRIX.rows(),
                Optional.of(new AccuracyMatrix.Ahead(List.of(0.5), List.of(0.5, 0.5)))))
        .isInstanceOf(Mistake.class)
        .hasMessage("the accuracies before learning are [0.5]; expected 2 values from 0 to 1");
  }

  private static void refused(List<List<Double>> rows, String sentence) {
    assertThatThrownBy(() -> new AccuracyMatrix(rows, Optional.empty()))
        .isInstanceOf(Mistake.class)
        .hasMessage(sentence);
  }
}
