package dev.palimpsest.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DigestTest {
  /** The example of FIPS 180-4. */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Test
  void itIsSha256OfBytesTextAndPieces() {
    assertThat(Digest.of("abc").hex()).isEqualTo(ABC);
    assertThat(Digest.of(new byte[] {'a', 'b', 'c'})).isEqualTo(new Digest(ABC));
    MessageDigest pieces = Digest.algorithm();
    pieces.update((byte) 'a');
    pieces.update("bc".getBytes(StandardCharsets.UTF_8));
    assertThat(Digest.of(pieces)).isEqualTo(new Digest(ABC));
    assertThat(Digest.of("€")).isEqualTo(Digest.of("€".getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "abc",
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
        "ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
      })
  void whatIsNoDigestIsRefusedNamingIt(String text) {
    assertThatThrownBy(() -> new Digest(text))
        .isInstanceOf(Mistake.class)
        .hasMessage("'" + text + "' is no digest: expected 64 lower-case hexadecimal digits.");
  }

  @Test
  void itIsShownWholeOrInTwelveDigits() {
    Digest digest = new Digest(ABC);
    assertThat(digest).hasToString(ABC);
    assertThat(digest.brief()).isEqualTo("ba7816bf8f01");
    assertThat(digest).isGreaterThan(new Digest("0".repeat(64)));
    assertThat(Json.line(digest)).isEqualTo("\"" + ABC + "\"");
  }
}
