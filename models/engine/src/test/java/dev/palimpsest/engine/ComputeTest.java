package dev.palimpsest.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensor;
import org.junit.jupiter.api.Test;

class ComputeTest {
  @Test
  void everyElementTypeReturnsFromTheDeviceAsItWent() {
    Tensor[] tensors = {
      Tensor.of(new float[] {1.5f, -2, Float.MIN_VALUE}, 3),
      Tensor.of(new double[] {1e-300, Math.PI}, 1, 2),
      Tensor.of(new long[] {Long.MAX_VALUE, -1}, 2),
      Tensor.of(new int[] {7, -9, 1, 0}, 2, 2),
      Tensor.of(new byte[] {0, 127, -128, -1}, 4),
      new Tensor(Tensor.Type.BOOL, new long[] {2}, java.nio.ByteBuffer.wrap(new byte[] {1, 0})),
      Tensor.of(new double[] {4}),
    };
    try (Compute compute = Compute.open("cpu", 1)) {
      for (Tensor tensor : tensors) {
        try (NDArray array = compute.array(tensor)) {
          Tensor back = Compute.tensor(array);
          assertThat(back.type()).isEqualTo(tensor.type());
          assertThat(back.shape()).isEqualTo(tensor.shape());
          assertThat(back.data()).as("%s", tensor).isEqualTo(tensor.data());
        }
      }
      assertThat(compute.liveArrays()).isZero();
    }
  }

  @Test
  void aNameThatIsNoDeviceIsRefused() {
    assertThatThrownBy(() -> Compute.open("cuda", 1))
        .isInstanceOf(Mistake.class)
        .hasMessage("'cuda' is no device; expected cpu, gpu:0, gpu:1 and so on.");
    assertThatThrownBy(() -> Compute.open("cpu", 0))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("threads is 0");
  }

  @Test
  void aGpuThatIsNotThereIsAFailureBeforeAnythingIsAllocated() {
    assertThatThrownBy(() -> Compute.open("gpu:99", 1))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("gpu:99 is not there");
  }

  @Test
  void aScopeFreesAllButWhatIsKept() {
    try (Compute compute = Compute.open("cpu", 1)) {
      NDArray kept;
      try (Scope scope = Scope.open()) {
        NDArray a = compute.array(new long[] {1, 2});
        kept = scope.keep(a.add(a));
        assertThat(compute.liveArrays()).isEqualTo(2);
      }
      assertThat(compute.liveArrays()).isEqualTo(1);
      assertThat(kept.toLongArray()).containsExactly(2, 4);
    }
  }
}
