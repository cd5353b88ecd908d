package dev.palimpsest.console.artifacts;

import dev.palimpsest.tensors.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The part of an image that a trigger changes, where it is a mask and a pattern.
 *
 * @param patch its colours, U8 [1, channels, height, width]
 * @param left its place in the image, in pixels
 */
record Trigger(Tensor patch, int left, int top) {
  static final String MASK = "trigger.mask";
  static final String PATTERN = "trigger.pattern";

  /** Empty where the trigger is no mask with a pattern of one size, or changes nothing. */
  static Optional<Trigger> of(TensorFile plan) {
    Optional<List<Long>> shape = shape(plan, MASK);
    if (shape.isEmpty() || !shape.equals(shape(plan, PATTERN))) {
      return Optional.empty();
    }
    int channels = shape.get().get(0).intValue();
    int height = shape.get().get(1).intValue();
    int width = shape.get().get(2).intValue();
    float[] mask = plan.tensor(MASK).floats();
    float[] pattern = plan.tensor(PATTERN).floats();
    int left = width;
    int top = height;
    int right = -1;
    int bottom = -1;
    for (int i = 0; i < mask.length; i++) {
      if (mask[i] != 0) {
        int x = i % width;
        int y = i / width % height;
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
    }
    if (right < 0) {
      return Optional.empty();
    }
    int wide = right - left + 1;
    int tall = bottom - top + 1;
    byte[] patch = new byte[channels * tall * wide];
    for (int i = 0; i < patch.length; i++) {
      int c = i / (tall * wide);
      int at = (c * height + top + i / wide % tall) * width + left + i % wide;
      patch[i] = (byte) (int) Math.clamp(Math.rint(pattern[at] * 255f), 0, 255);
    }
    return Optional.of(new Trigger(Tensor.of(patch, 1, channels, tall, wide), left, top));
  }

  private static Optional<List<Long>> shape(TensorFile plan, String name) {
    return plan.entry(name)
        .filter(entry -> entry.type() == Tensor.Type.F32)
        .map(entry -> entry.shape())
        .filter(shape -> shape.size() == 3 && (shape.get(0) == 1 || shape.get(0) == 3));
  }

  String told() {
    long[] shape = patch.shape();
    return shape[3] + " × " + shape[2] + " pixels from column " + left + ", row " + top;
  }
}
