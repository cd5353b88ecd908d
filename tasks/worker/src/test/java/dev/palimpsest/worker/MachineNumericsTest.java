package dev.palimpsest.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.tasks.Numerics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MachineNumericsTest {
  private static final Map<String, String> PINNED =
      Map.of(
          "OMP_NUM_THREADS", "1",
          "ATEN_CPU_CAPABILITY", "avx2",
          "ONEDNN_MAX_CPU_ISA", "AVX2",
          "MKL_CBWR", "AVX2");
  private static final List<String> CPU =
      List.of("processor\t: 0", "model name\t: A CPU", "flags\t\t: fpu sse avx avx2 fma");

  @Test
  void aProcessThatEveryVariablePinsComputesWithThePinnedProfile() {
    MachineNumerics machine = MachineNumerics.of("cpu", PINNED, Compute.engine(), CPU);
    assertThat(machine.numerics()).isEqualTo(Numerics.PINNED_CPU);
    assertThat(machine.unpinned()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "MKL_CBWR"})
  void aProcessThatOneVariableLeavesFreeSaysSoAndClaimsNoPin(String name) {
    var environment = new HashMap<>(PINNED);
    environment.remove(name);
    MachineNumerics machine = MachineNumerics.of("cpu", environment, "pytorch-2.7.1", CPU);
    assertThat(machine.numerics().instructions()).isEqualTo("native A CPU");
    assertThat(machine.unpinned())
        .singleElement()
        .asString()
        .startsWith(name + " is not set and not ")
        .endsWithIgnoringCase("avx2");
    environment.put(name, "default");
    assertThat(MachineNumerics.of("cpu", environment, "pytorch-2.7.1", CPU).unpinned())
        .singleElement()
        .asString()
        .startsWith(name + " is 'default' and not ");
  }

  @Test
  void aProcessorWithoutTheInstructionsCannotBeHeldToThem() {
    List<String> old = List.of("model name : An old CPU", "flags : fpu sse avx");
    MachineNumerics machine = MachineNumerics.of("cpu", PINNED, "pytorch-2.7.1", old);
    assertThat(machine.unpinned()).containsExactly("the processor has no AVX2");
    assertThat(machine.numerics().instructions()).isEqualTo("native An old CPU");
  }

  @Test
  void theEngineIsTheOneThatWasLoaded() {
    assertThat(MachineNumerics.of("gpu:0", PINNED, "pytorch-9", CPU).numerics())
        .isEqualTo(new Numerics("gpu", 1, "avx2", "pytorch-9"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "many", ""})
  void aNumberOfThreadsThatIsNoneIsAMistakeNamingIt(String threads) {
    var environment = new HashMap<>(PINNED);
    environment.put("OMP_NUM_THREADS", threads);
    assertThatThrownBy(() -> MachineNumerics.of("cpu", environment, "pytorch-2.7.1", CPU))
        .isInstanceOf(Mistake.class)
        .hasMessage("OMP_NUM_THREADS is '" + threads + "'; expected an integer of 1 or more.");
  }
}
