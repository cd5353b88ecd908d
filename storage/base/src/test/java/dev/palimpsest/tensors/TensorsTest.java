package dev.palimpsest.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class TensorsTest {
  @Test
  void dataThatDoesNotFillTheShapeIsRefused() {
    assertThatThrownBy(() -> Tensor.of(new float[] {1, 2, 3}, 2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("12 bytes")
        .hasMessageContaining("[2, 2]");
  }

  @Test
  void aTensorIsReadOnlyAndItsViewsDoNotDisturbEachOther() {
    Tensor tensor = Tensor.of(new int[] {1, 2}, 2);
    assertThat(tensor.data().getInt()).isEqualTo(1);
    assertThat(tensor.data().getInt()).isEqualTo(1);
    assertThat(tensor.data().isReadOnly()).isTrue();
    tensor.shape()[0] = 7;
    assertThat(tensor.shape()).containsExactly(2);
  }

  @Test
  void elementsAreLittleEndianWhateverTheBufferWas() {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {1, 0, 0, 0});
    assertThat(new Tensor(Tensor.Type.I32, new long[] {1}, bytes).ints()).containsExactly(1);
  }

  @Test
  void anotherTypeThanTheStoredOneIsRefused() {
    assertThatThrownBy(() -> Tensor.of(new float[] {1}, 1).doubles())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("F32")
        .hasMessageContaining("F64");
  }

  @Test
  void anUnknownNameIsAMistakeWithTheOneMeant() {
    Tensors tensors =
        new Tensors.Builder()
            .put("conv1.weight", Tensor.of(new float[] {1}, 1))
            .text("taint", "backdoor")
            .build();
    assertThatThrownBy(() -> tensors.get("conv1.wieght"))
        .isInstanceOf(Mistake.class)
        .hasMessage("unknown tensor 'conv1.wieght'; did you mean 'conv1.weight'?");
    assertThatThrownBy(() -> tensors.text("tiant"))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("metadata 'tiant'");
  }

  @Test
  void twoTensorsOfOneNameAreRefused() {
    Tensor one = Tensor.of(new float[] {1}, 1);
    assertThatThrownBy(() -> new Tensors.Builder().put("a", one).put("a", one))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'a'");
  }

  @Test
  void aTensorIsContinuedByTheRowsThatItLacks() {
    Tensor two = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor three = Tensor.of(new float[] {5, 6, 7, 8, 9, 10}, 3, 2);
    assertThat(two.continuedBy(three).floats()).containsExactly(1, 2, 3, 4, 9, 10);
    assertThat(two.continuedBy(three).shape()).containsExactly(3, 2);
    assertThat(three.continuedBy(two)).isSameAs(three);
  }
}
