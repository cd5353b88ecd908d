package dev.palimpsest.methods.learners;

import dev.palimpsest.tensors.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * One sample that is kept, in plain memory.
 *
 * @param image bytes [channels, height, width], not augmented
 * @param task from 1
 * @param logits what the network said of it, one for each class it had then; empty: not kept
 * @param features the network's embedding of it; empty: not kept
 */
record Sample(byte[] image, long label, long task, float[] logits, float[] features) {
  /** U8 [n, channels, height, width]. */
  static Tensor images(List<Sample> samples, long... shape) {
    int pixels = Math.toIntExact(LongStream.of(shape).reduce(1, Math::multiplyExact));
    byte[] bytes = new byte[Math.multiplyExact(samples.size(), pixels)];
    for (int i = 0; i < samples.size(); i++) {
      System.arraycopy(samples.get(i).image(), 0, bytes, i * pixels, pixels);
    }
    return Tensor.of(bytes, samples.size(), shape[0], shape[1], shape[2]);
  }

  /** F32 [n, width]; zero behind the end of a shorter row. */
  static Tensor rows(List<Sample> samples, Function<Sample, float[]> row, int width) {
    float[] values = new float[Math.multiplyExact(samples.size(), width)];
    for (int i = 0; i < samples.size(); i++) {
      float[] own = row.apply(samples.get(i));
      System.arraycopy(own, 0, values, i * width, own.length);
    }
    return Tensor.of(values, samples.size(), width);
  }
}
