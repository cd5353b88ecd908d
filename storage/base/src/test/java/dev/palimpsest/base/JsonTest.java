package dev.palimpsest.base;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JsonTest {
  private static final String WHAT = "parameters of stage fine-tune";

  private record Schedule(double rate, int epochs) {}

  private enum Mode {
    SGD,
    SAM
  }

  private record Settings(
      String name,
      Schedule schedule,
      List<Schedule> more,
      Mode mode,
      boolean nesterov,
      Optional<String> note,
      Optional<JsonNode> extra) {}

  private record Key(Digest digest) {}

  private static final String WHOLE =
      "{'name':'a','schedule':{'rate':0.1,'epochs':3},'more':[{'rate':1,'epochs':1}],"
          + "'mode':'SAM','nesterov':true,'note':'n','extra':{'x':1}}";

  @Test
  void aWholeObjectIsBound() {
    assertThat(read(WHOLE))
        .isEqualTo(
            new Settings(
                "a",
                new Schedule(0.1, 3),
                List.of(new Schedule(1, 1)),
                Mode.SAM,
                true,
                Optional.of("n"),
                Optional.of(Json.object().put("x", 1))));
  }

  @Test
  void anOptionalFieldThatIsAbsentOrNullIsEmpty() {
    assertThat(read(WHOLE.replace(",'note':'n'", "")).note()).isEmpty();
    assertThat(read(WHOLE.replace("'note':'n'", "'note':null")).note()).isEmpty();
    assertThat(read(WHOLE.replace(",'extra':{'x':1}", "")).extra()).isEmpty();
  }

  @Test
  void anEmptyOptionalIsNotWritten() {
    Settings settings = read(WHOLE.replace(",'note':'n','extra':{'x':1}", ""));
    assertThat(Json.line(settings)).doesNotContain("note").doesNotContain("extra");
    assertThat(Json.read(WHAT, Json.line(settings), Settings.class)).isEqualTo(settings);
    assertThat(Json.line(read(WHOLE))).contains("\"note\":\"n\"");
  }

  @Test
  void anUnknownFieldIsNamedWithItsPathAndTheKnownOnes() {
    refused(
        WHOLE.replace("'epochs':3", "'epochs':3,'epoch':3"),
        "unknown field 'schedule.epoch'; expected one of epochs, rate.");
    refused(
        WHOLE.replace("'epochs':1", "'epochs':1,'lr':2"), "unknown field 'more[0].lr'; expected");
    refused(WHOLE.replace("'name':", "'nmae':1,'name':"), "unknown field 'nmae'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'name':'a',|name",
        "'schedule':{'rate':0.1,'epochs':3},|schedule",
        ",'epochs':3|schedule.epochs",
        ",'epochs':1|more[0].epochs",
        "'nesterov':true,|nesterov"
      })
  void aMissingFieldIsNamedWithItsPath(String removed, String path) {
    refused(WHOLE.replace(removed, ""), "field '" + path + "' is missing");
  }

  @Test
  void aNullFieldIsMissing() {
    refused(WHOLE.replace("'name':'a'", "'name':null"), "field 'name' is missing");
    refused(WHOLE.replace("'epochs':3", "'epochs':null"), "'schedule.epochs'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'epochs':3|'epochs':'3'|schedule.epochs",
        "'epochs':3|'epochs':3.5|schedule.epochs",
        "'epochs':3|'epochs':99999999999|schedule.epochs",
        "'rate':0.1|'rate':'x'|schedule.rate",
        "'rate':1,|'rate':true,|more[0].rate",
        "'nesterov':true|'nesterov':1|nesterov",
        "'mode':'SAM'|'mode':'ADAM'|mode",
        "'mode':'SAM'|'mode':1|mode",
        "'more':[{'rate':1,'epochs':1}]|'more':{}|more",
        "'name':'a'|'name':1|name"
      })
  void aValueOfTheWrongTypeIsNamedWithItsPath(String right, String wrong, String path) {
    refused(WHOLE.replace(right, wrong), "field '" + path + "'");
  }

  @Test
  void aRepeatedFieldIsRefused() {
    refused(WHOLE.replace("'epochs':3", "'epochs':3,'epochs':4"), "'epochs'");
    assertThatThrownBy(() -> Json.parse(WHAT, "{\"a\":1,\"a\":2}".getBytes(UTF_8)))
        .isInstanceOf(Mistake.class)
        .hasMessageStartingWith(WHAT)
        .hasMessageContaining("'a'");
  }

  @Test
  void whatFollowsTheValueIsRefused() {
    refused(WHOLE + " {}", WHAT);
    assertThatThrownBy(() -> Json.parse(WHAT, "{} x".getBytes(UTF_8)))
        .isInstanceOf(Mistake.class)
        .hasMessageStartingWith(WHAT);
  }

  @Test
  void brokenTextIsRefusedWithItsPlace() {
    assertThatThrownBy(() -> Json.parse(WHAT, "{\n  \"a\": }".getBytes(UTF_8)))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("line 2, column 8");
    assertThatThrownBy(() -> Json.parse(WHAT, "{\"a\": NaN}".getBytes(UTF_8)))
        .isInstanceOf(Mistake.class);
    assertThatThrownBy(() -> Json.parse(WHAT, "{\"a\": 1".getBytes(UTF_8)))
        .isInstanceOf(Mistake.class);
  }

  @Test
  void aMistakeInAFieldKeepsItsOwnSentence() {
    assertThatThrownBy(() -> Json.read(WHAT, "{\"digest\":\"abc\"}", Key.class))
        .isInstanceOf(Mistake.class)
        .hasMessage(WHAT + ": 'abc' is no digest: expected 64 lower-case hexadecimal digits.");
    Digest digest = Digest.of("x");
    assertThat(Json.read(WHAT, Json.line(new Key(digest)), Key.class)).isEqualTo(new Key(digest));
  }

  @Test
  void everySentenceIsOneLine() {
    for (String text : List.of("{", "[]", "{\"name\":{}}", "", "{\"mode\":\"x\"}", "nope")) {
      assertThatThrownBy(() -> Json.read(WHAT, text, Settings.class))
          .as(text)
          .isInstanceOf(Mistake.class)
          .message()
          .doesNotContain("\n")
          .startsWith(WHAT)
          .endsWith(".");
    }
  }

  private static Settings read(String text) {
    return Json.read(WHAT, text.replace('\'', '"'), Settings.class);
  }

  private static void refused(String text, String reason) {
    assertThatThrownBy(() -> read(text))
        .as(text)
        .isInstanceOf(Mistake.class)
        .hasMessageStartingWith(WHAT)
        .hasMessageContaining(reason);
  }
}
