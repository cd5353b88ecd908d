package dev.palimpsest.local;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PortsTest {
  @ParameterizedTest
  @ValueSource(ints = {-1, 65_536, 99_999})
  void aNumberThatIsNoPortIsRefusedNamingTheOption(int given) {
    assertThatThrownBy(() -> Ports.choose(given, "Conductor", "--conductor-port"))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "--conductor-port is " + given + "; expected 0 for a free port, or 1 to 65535.");
  }
}
