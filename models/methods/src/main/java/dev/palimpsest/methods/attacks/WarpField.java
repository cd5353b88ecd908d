package dev.palimpsest.methods.attacks;

import dev.palimpsest.engine.RandomStream;
import java.util.Arrays;

/**
 * Fields that say where each pixel of a warped image comes from: [height, width, 2], x and then y,
 * from -1 (first pixel) to 1 (last).
 */
final class WarpField {
  /** The constant of torch's bicubic kernel. */
  private static final double A = -0.75;

  private WarpField() {}

  /** Control points from uniform numbers in [0,1): 2u - 1, divided by the mean magnitude of all. */
  static double[] normalised(double[] uniform) {
    double[] control = Arrays.stream(uniform).map(u -> 2 * u - 1).toArray();
    double mean = Arrays.stream(control).map(Math::abs).average().orElseThrow();
    return Arrays.stream(control).map(c -> c / mean).toArray();
  }

  /**
   * Control points [2,k,k] upsampled to [height,width,2]: bicubic, with the corners at the corners
   * and border points repeated.
   */
  static double[] upsampled(double[] control, int k, int height, int width) {
    double[] upsampled = new double[height * width * 2];
    for (int i = 0; i < height; i++) {
      for (int j = 0; j < width; j++) {
        for (int axis = 0; axis < 2; axis++) {
          upsampled[(i * width + j) * 2 + axis] =
              at(control, axis * k * k, k, place(i, k, height), place(j, k, width));
        }
      }
    }
    return upsampled;
  }

  private static double place(int i, int from, int to) {
    return (double) i * (from - 1) / (to - 1);
  }

  private static double at(double[] control, int offset, int k, double row, double column) {
    int top = (int) Math.floor(row);
    int left = (int) Math.floor(column);
    double sum = 0;
    for (int i = -1; i <= 2; i++) {
      for (int j = -1; j <= 2; j++) {
        int at = offset + Math.clamp(top + i, 0, k - 1) * k + Math.clamp(left + j, 0, k - 1);
        sum += cubic(row - top - i) * cubic(column - left - j) * control[at];
      }
    }
    return sum;
  }

  /** The cubic convolution kernel at a distance. */
  private static double cubic(double distance) {
    double x = Math.abs(distance);
    if (x <= 1) {
      return ((A + 2) * x - (A + 3)) * x * x + 1;
    }
    return x < 2 ? ((A * x - 5 * A) * x + 8 * A) * x - 4 * A : 0;
  }

  /** The identity moved by s / width and s / height times the control points, clamped. */
  static double[] of(double[] control, int k, double s, int height, int width) {
    double[] field = upsampled(control, k, height, width);
    for (int i = 0; i < field.length; i++) {
      boolean y = i % 2 == 1;
      int size = y ? height : width;
      int place = y ? i / 2 / width : i / 2 % width;
      field[i] = clamped(-1 + 2.0 * place / (size - 1) + s * field[i] / size);
    }
    return field;
  }

  /**
   * The field moved by noise of its own for each of n images, clamped: [n, height, width, 2].
   *
   * @param noise the most that it moves, in units of 1 / width and 1 / height
   */
  static double[] noisy(
      double[] field, double noise, int n, int height, int width, RandomStream stream) {
    double[] noisy = new double[n * field.length];
    for (int i = 0; i < noisy.length; i++) {
      int size = i % 2 == 1 ? height : width;
      noisy[i] = clamped(field[i % field.length] + noise * (2 * stream.uniform() - 1) / size);
    }
    return noisy;
  }

  private static double clamped(double place) {
    return Math.clamp(place, -1, 1);
  }
}
