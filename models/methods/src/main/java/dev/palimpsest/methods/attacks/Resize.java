package dev.palimpsest.methods.attacks;

import dev.palimpsest.tensors.Tensor;

/**
 * Bilinear resizing without antialiasing, by torch's rule for {@code align_corners=False}: the
 * place of pixel i in the source is (i + 0.5) in / out - 0.5, at least 0; neighbours beyond the
 * last are the last.
 */
final class Resize {
  private Resize() {}

  /** How much of each source pixel is in each new one: [out][in]; each row sums to 1. */
  static double[][] weights(int in, int out) {
    double[][] weights = new double[out][in];
    for (int i = 0; i < out; i++) {
      double place = Math.max(0, (i + 0.5) * in / out - 0.5);
      int low = Math.min((int) place, in - 1);
      int high = Math.min(low + 1, in - 1);
      weights[i][low] += 1 - (place - low);
      weights[i][high] += place - low;
    }
    return weights;
  }

  /** A picture, U8 [channels, height, width], in another size: values in [0,1]. */
  static double[] picture(Tensor picture, int newHeight, int newWidth) {
    byte[] bytes = picture.bytes();
    double[] values = new double[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Byte.toUnsignedInt(bytes[i]) / 255.0;
    }
    long[] shape = picture.shape();
    return bilinear(values, (int) shape[0], (int) shape[1], (int) shape[2], newHeight, newWidth);
  }

  /**
   * Values in another size.
   *
   * @param picture [channels, height, width], row-major
   * @return [channels, height, newWidth]
   */
  static double[] bilinear(
      double[] picture, int channels, int height, int width, int newHeight, int newWidth) {
    double[][] rows = weights(height, newHeight);
    double[][] columns = weights(width, newWidth);
    double[] resized = new double[channels * newHeight * newWidth];
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < newHeight; i++) {
        for (int j = 0; j < newWidth; j++) {
          double sum = 0;
          for (int k = 0; k < height; k++) {
            if (rows[i][k] != 0) {
              double inRow = 0;
              for (int l = 0; l < width; l++) {
                inRow += columns[j][l] * picture[(c * height + k) * width + l];
              }
              sum += rows[i][k] * inRow;
            }
          }
          resized[(c * newHeight + i) * newWidth + j] = sum;
        }
      }
    }
    return resized;
  }
}
