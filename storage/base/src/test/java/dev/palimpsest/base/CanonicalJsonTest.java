package dev.palimpsest.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the examples that RFC 8785 publishes. */
final class CanonicalJsonTest {
  @Test
  void theExampleOfSection322() {
    String input =
        """
        {
          "numbers": [333333333.33333329, 1E30, 4.50,
                      2e-3, 0.000000000000000000000000001],
          "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
          "literals": [null, true, false]
        }
        """;
    assertThat(canonical(input))
        .isEqualTo(
            "{\"literals\":[null,true,false],"
                + "\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                + "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
  }

  @Test
  void theSortingExampleOfSection323() {
    String input =
        """
        {
          "\\u20ac": "Euro Sign",
          "\\r": "Carriage Return",
          "\\ufb33": "Hebrew Letter Dalet With Dagesh",
          "1": "One",
          "\\ud83d\\ude00": "Emoji: Grinning Face",
          "\\u0080": "Control",
          "\\u00f6": "Latin Small Letter O With Diaeresis"
        }
        """;
    assertThat(canonical(input))
        .isEqualTo(
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
                + "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
                + "\"\ud83d\ude00\":\"Emoji: Grinning Face\","
                + "\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
  }

  /** Appendix B: the bits of a double, and how it is written. */
  @ParameterizedTest
  @CsvSource({
    "0000000000000000, 0",
    "8000000000000000, 0",
    "0000000000000001, 5e-324",
    "8000000000000001, -5e-324",
    "7fefffffffffffff, 1.7976931348623157e+308",
    "ffefffffffffffff, -1.7976931348623157e+308",
    "4340000000000000, 9007199254740992",
    "c340000000000000, -9007199254740992",
    "4430000000000000, 295147905179352830000",
    "44b52d02c7e14af5, 9.999999999999997e+22",
    "44b52d02c7e14af6, 1e+23",
    "44b52d02c7e14af7, 1.0000000000000001e+23",
    "444b1ae4d6e2ef4e, 999999999999999700000",
    "444b1ae4d6e2ef4f, 999999999999999900000",
    "444b1ae4d6e2ef50, 1e+21",
    "3eb0c6f7a0b5ed8c, 9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d, 0.000001",
    "41b3de4355555553, 333333333.3333332",
    "41b3de4355555554, 333333333.33333325",
    "41b3de4355555555, 333333333.3333333",
    "41b3de4355555556, 333333333.3333334",
    "41b3de4355555557, 333333333.33333343",
    "becbf647612f3696, -0.0000033333333333333333",
    "43143ff3c1cb0959, 1424953923781206.2"
  })
  void theNumbersOfAppendixB(String bits, String written) {
    double value = Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16));
    assertThat(new String(Json.canonical(Map.of("n", value)), StandardCharsets.UTF_8))
        .isEqualTo("{\"n\":" + written + "}");
  }

  @Test
  void whatIsNotFiniteIsRefusedNamingIt() {
    for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> Json.canonical(Map.of("curve", List.of(1.0, value))))
          .isInstanceOf(Mistake.class)
          .hasMessage("'curve[1]' is " + value + "; expected a finite number.");
    }
    assertThatThrownBy(() -> Json.canonical(Map.of("asr", Float.NaN))).isInstanceOf(Mistake.class);
  }

  @Test
  void wholeNumbersThatWouldBeRoundedIntoOneAnotherAreRefused() {
    long largest = (1L << 53) - 1;
    assertThat(new String(Json.canonical(Map.of("n", -largest)), StandardCharsets.UTF_8))
        .isEqualTo("{\"n\":-9007199254740991}");
    for (long value : new long[] {largest + 1, largest + 2, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> Json.canonical(Map.of("run", Map.of("seed", value))))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("'run.seed' is " + value)
          .hasMessageContaining("9007199254740991");
    }
  }

  @Test
  void theOrderOfFieldsChangesNothing() {
    Map<String, Integer> one = new LinkedHashMap<>();
    one.put("b", 2);
    one.put("a", 1);
    Map<String, Integer> two = new LinkedHashMap<>();
    two.put("a", 1);
    two.put("b", 2);
    assertThat(Json.canonical(one)).isEqualTo(Json.canonical(two));
    assertThat(new String(Json.canonical(one), StandardCharsets.UTF_8))
        .isEqualTo("{\"a\":1,\"b\":2}");
  }

  private static String canonical(String text) {
    byte[] input = text.getBytes(StandardCharsets.UTF_8);
    return new String(Json.canonical(Json.parse("the example", input)), StandardCharsets.UTF_8);
  }
}
