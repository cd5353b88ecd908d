package dev.palimpsest.tasks;

import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;
import java.util.stream.LongStream;

/**
 * What a preview shows of a tensor artifact without loading it.
 *
 * @param tensors in the order of the file
 */
public record TensorSummary(List<Entry> tensors, Map<String, String> metadata) {
  private static final int BINS = 16;

  /**
   * One tensor.
   *
   * @param histogram counts in sixteen equal bins from {@code least} to {@code most}; empty unless
   *     the elements are numbers in floating point or bytes
   */
  public record Entry(
      String name, String type, long[] shape, double least, double most, List<Long> histogram) {}

  public static TensorSummary of(Tensors tensors) {
    var entries = new ArrayList<Entry>();
    tensors.tensors().forEach((name, tensor) -> entries.add(entry(name, tensor)));
    return new TensorSummary(entries, new TreeMap<>(tensors.metadata()));
  }

  private static Entry entry(String name, Tensor tensor) {
    var range = new DoubleSummaryStatistics();
    each(tensor, range);
    double least = range.getCount() == 0 ? 0 : range.getMin();
    double most = range.getCount() == 0 ? 0 : range.getMax();
    if (!Double.isFinite(least) || !Double.isFinite(most)) {
      throw new IllegalStateException("tensor '" + name + "' holds values that are not finite");
    }
    long[] counts = new long[BINS];
    double width = (most - least) / BINS;
    each(
        tensor,
        value -> counts[width == 0 ? 0 : Math.min(BINS - 1, (int) ((value - least) / width))]++);
    return new Entry(
        name,
        tensor.type().name(),
        tensor.shape(),
        least,
        most,
        LongStream.of(counts).boxed().toList());
  }

  /** Hands the values on one by one: a copy of them as numbers may be eight times the tensor. */
  private static void each(Tensor tensor, DoubleConsumer use) {
    ByteBuffer data = tensor.data();
    while (data.hasRemaining()) {
      use.accept(
          switch (tensor.type()) {
            case F64 -> data.getDouble();
            case F32 -> data.getFloat();
            case I64 -> data.getLong();
            case I32 -> data.getInt();
            case U8, BOOL -> data.get() & 0xff;
          });
    }
  }
}
