package dev.palimpsest.worker;

import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a preview shows of a tensor artifact without loading it.
 *
 * @param tensors in the order of the file
 */
record TensorSummary(List<Entry> tensors, Map<String, String> metadata) {
  private static final int BINS = 16;

  /**
   * One tensor.
   *
   * @param histogram counts in sixteen equal bins from {@code least} to {@code most}; empty unless
   *     the elements are numbers in floating point or bytes
   */
  record Entry(
      String name, String type, long[] shape, double least, double most, List<Long> histogram) {}

  static TensorSummary of(Tensors tensors) {
    var entries = new ArrayList<Entry>();
    tensors.tensors().forEach((name, tensor) -> entries.add(entry(name, tensor)));
    return new TensorSummary(entries, new TreeMap<>(tensors.metadata()));
  }

  private static Entry entry(String name, Tensor tensor) {
    double[] values = values(tensor);
    double least = 0;
    double most = 0;
    if (values.length > 0) {
      least = Double.POSITIVE_INFINITY;
      most = Double.NEGATIVE_INFINITY;
      for (double value : values) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
    }
    if (!Double.isFinite(least) || !Double.isFinite(most)) {
      throw new IllegalStateException("tensor '" + name + "' holds values that are not finite");
    }
    return new Entry(
        name, tensor.type().name(), tensor.shape(), least, most, histogram(values, least, most));
  }

  private static List<Long> histogram(double[] values, double least, double most) {
    long[] counts = new long[BINS];
    double width = (most - least) / BINS;
    for (double value : values) {
      counts[width == 0 ? 0 : Math.min(BINS - 1, (int) ((value - least) / width))]++;
    }
    var list = new ArrayList<Long>();
    for (long count : counts) {
      list.add(count);
    }
    return list;
  }

  private static double[] values(Tensor tensor) {
    int count = Math.toIntExact(tensor.elements());
    double[] values = new double[count];
    var data = tensor.data();
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (tensor.type()) {
            case F64 -> data.getDouble();
            case F32 -> data.getFloat();
            case I64 -> data.getLong();
            case I32 -> data.getInt();
            case U8, BOOL -> data.get() & 0xff;
          };
    }
    return values;
  }
}
