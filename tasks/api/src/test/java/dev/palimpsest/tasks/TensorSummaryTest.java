package dev.palimpsest.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

final class TensorSummaryTest {
  private static TensorSummary.Entry of(Tensor tensor) {
    return TensorSummary.of(new Tensors.Builder().put("a", tensor).build()).tensors().getFirst();
  }

  @Test
  void rangeAndHistogramAreThoseOfTheValues() {
    var entry = of(Tensor.of(new float[] {-1, 0, 0.5f, 15}, 2, 2));
    assertThat(entry.shape()).containsExactly(2, 2);
    assertThat(entry.least()).isEqualTo(-1);
    assertThat(entry.most()).isEqualTo(15);
    assertThat(entry.histogram())
        .containsExactly(1L, 2L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 1L);
    assertThat(of(Tensor.of(new byte[] {(byte) 200, 7}, 2)).most()).isEqualTo(200);
  }

  @Test
  void whatIsEmptyOrConstantHasARangeToo() {
    assertThat(of(Tensor.of(new byte[0], 0, 3)).histogram()).containsOnly(0L);
    assertThat(of(Tensor.of(new long[] {4, 4}, 2)).histogram()).startsWith(2L).hasSize(16);
  }

  @Test
  void valuesThatAreNotFiniteAreRefused() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> of(Tensor.of(new float[] {0, bad}, 2)))
          .hasMessage("tensor 'a' holds values that are not finite");
    }
  }

  @Test
  void imagesAreNotCopied() {
    Tensor images = Tensor.of(new byte[10_000_000], 10_000_000);
    of(images);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    of(images);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1_000_000);
  }
}
