package dev.palimpsest.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NamesTest {
  private static final List<String> KNOWN =
      List.of("train", "fine-tune", "evaluate", "badnets", "blended", "sam");

  @ParameterizedTest
  @CsvSource({
    "trian, train",
    "tran, train",
    "train, train",
    "finetune, fine-tune",
    "evalaute, evaluate",
    "badnet, badnets",
    "san, sam"
  })
  void theNameThatWasProbablyMeantIsFound(String given, String meant) {
    assertThat(Names.nearest(given, KNOWN)).hasValue(meant);
  }

  @ParameterizedTest
  @CsvSource({"wanet", "x", "fine", "evaluation-of-all"})
  void whatResemblesNothingIsNotGuessed(String given) {
    assertThat(Names.nearest(given, KNOWN)).isEmpty();
  }

  @Test
  void equallyNearNamesAreTakenInTheirOrder() {
    assertThat(Names.nearest("ba", List.of("bc", "bb"))).hasValue("bb");
  }

  @Test
  void theSentenceGuessesOrListsWhatIsKnown() {
    assertThat(Names.unknown("stage", "trian", KNOWN))
        .isEqualTo("unknown stage 'trian'; did you mean 'train'?");
    assertThat(Names.unknown("stage", "zzz", List.of("b", "a")))
        .isEqualTo("unknown stage 'zzz'; expected one of a, b.");
  }
}
