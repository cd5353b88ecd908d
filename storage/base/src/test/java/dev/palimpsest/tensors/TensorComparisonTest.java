package dev.palimpsest.tensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TensorComparisonTest {
  @TempDir Path folder;

  private List<TensorDifference> compare(Tensors first, Tensors second) {
    Path one = folder.resolve("one.safetensors");
    Path other = folder.resolve("other.safetensors");
    Safetensors.write(one, first);
    Safetensors.write(other, second);
    return TensorComparison.of("checkpoint", one, other);
  }

  private static Tensors of(String name, Tensor tensor) {
    return new Tensors.Builder().put(name, tensor).build();
  }

  @Test
  void equalFilesDoNotDifferNorThoseInAnotherOrder() {
    Tensor a = Tensor.of(new float[] {1, Float.NaN}, 2);
    Tensor b = Tensor.of(new long[] {3}, 1);
    Tensors one = new Tensors.Builder().put("a", a).put("b", b).text("taint", "x").build();
    Tensors other = new Tensors.Builder().put("b", b).put("a", a).text("taint", "x").build();
    assertThat(compare(one, one)).isEmpty();
    assertThat(compare(one, other)).isEmpty();
  }

  @Test
  void elementsThatDifferAreCountedWithTheLargestDifferenceOfFiniteOnes() {
    float[] values = {1, 2, 3, Float.NaN, Float.NaN, Float.POSITIVE_INFINITY, 0f};
    float[] others = {1, 2.5f, 2, Float.NaN, 1, 7, -0f};
    assertThat(compare(of("w", Tensor.of(values, 7)), of("w", Tensor.of(others, 7))))
        .containsExactly(new TensorDifference.Elements("w", 7, 5, OptionalDouble.of(1), 2));
  }

  @Test
  void whereNoFiniteElementsDifferThereIsNoLargestDifference() {
    assertThat(
            compare(
                of("w", Tensor.of(new double[] {Double.NaN, 1}, 2)),
                of("w", Tensor.of(new double[] {0, 1}, 2))))
        .containsExactly(new TensorDifference.Elements("w", 2, 1, OptionalDouble.empty(), 1));
  }

  @Test
  void everyElementTypeIsCompared() {
    Tensors one =
        new Tensors.Builder()
            .put("f64", Tensor.of(new double[] {1e-300}, 1))
            .put("i64", Tensor.of(new long[] {Long.MAX_VALUE, Long.MIN_VALUE}, 2))
            .put("i32", Tensor.of(new int[] {Integer.MIN_VALUE}, 1))
            .put("u8", Tensor.of(new byte[] {(byte) 255}, 1))
            .build();
    Tensors other =
        new Tensors.Builder()
            .put("f64", Tensor.of(new double[] {0}, 1))
            .put("i64", Tensor.of(new long[] {Long.MAX_VALUE - 1, Long.MIN_VALUE}, 2))
            .put("i32", Tensor.of(new int[] {Integer.MAX_VALUE}, 1))
            .put("u8", Tensor.of(new byte[] {1}, 1))
            .build();
    assertThat(compare(one, other))
        .containsExactly(
            new TensorDifference.Elements("f64", 1, 1, OptionalDouble.of(1e-300), 0),
            new TensorDifference.Elements("i64", 2, 1, OptionalDouble.of(1), 0),
            new TensorDifference.Elements("i32", 1, 1, OptionalDouble.of(4294967295.0), 0),
            new TensorDifference.Elements("u8", 1, 1, OptionalDouble.of(254), 0));
    assertThat(
            compare(
                of("i64", Tensor.of(new long[] {Long.MAX_VALUE}, 1)),
                of("i64", Tensor.of(new long[] {Long.MIN_VALUE}, 1))))
        .containsExactly(new TensorDifference.Elements("i64", 1, 1, OptionalDouble.of(0x1p64), 0));
  }

  @Test
  void aTensorThatIsReadInManyPartsIsComparedToItsLastElement() {
    float[] values = new float[700_001];
    var random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    float[] others = values.clone();
    others[0] += 0.25f;
    others[262_144] += 0.5f;
    others[700_000] += 4;
    double largest = (double) others[700_000] - values[700_000];
    // Behind a smaller tensor, where the parts begin elsewhere in the file.
    Tensor before = Tensor.of(new long[] {1}, 1);
    assertThat(
            compare(
                of("w", Tensor.of(values, 700_001)),
                new Tensors.Builder()
                    .put("w", Tensor.of(others, 700_001))
                    .put("before", before)
                    .build()))
        .containsExactly(
            new TensorDifference.Elements("w", 700_001, 3, OptionalDouble.of(largest), 0),
            new TensorDifference.Missing("before", false));
  }

  @Test
  void missingTensorsOtherShapesOtherTypesAndMetadataAreNamed() {
    Tensors one =
        new Tensors.Builder()
            .put("gone", Tensor.of(new int[] {1}, 1))
            .put("shape", Tensor.of(new float[] {1, 2}, 2))
            .put("type", Tensor.of(new float[] {1}, 1))
            .text("taint", "backdoor")
            .build();
    Tensors other =
        new Tensors.Builder()
            .put("shape", Tensor.of(new float[] {1, 2}, 1, 2))
            .put("type", Tensor.of(new int[] {1}, 1))
            .put("new", Tensor.of(new int[] {1}, 1))
            .build();
    assertThat(compare(one, other))
        .satisfiesExactly(
            gone -> assertThat(gone).isEqualTo(new TensorDifference.Missing("gone", true)),
            shape -> {
              var form = (TensorDifference.Form) shape;
              assertThat(form.first().shape()).containsExactly(2L);
              assertThat(form.second().shape()).containsExactly(1L, 2L);
            },
            type -> {
              var form = (TensorDifference.Form) type;
              assertThat(form.first().type()).isEqualTo(Tensor.Type.F32);
              assertThat(form.second().type()).isEqualTo(Tensor.Type.I32);
            },
            added -> assertThat(added).isEqualTo(new TensorDifference.Missing("new", false)),
            text ->
                assertThat(text)
                    .isEqualTo(
                        new TensorDifference.Metadata(
                            "taint", Optional.of("backdoor"), Optional.empty())));
  }
}
