package dev.palimpsest.methods.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.tensors.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads vector files: from the directory named by the system property {@code palimpsest.golden},
 * otherwise from the copies beside the tests.
 *
 * <p>An array is {@code {"shape": [...], "data": [flat, row-major]}}; the texts Infinity, -Infinity
 * and NaN stand for those numbers.
 */
public final class Golden {
  private Golden() {}

  public static JsonNode read(String name) {
    return Json.parse(name, bytes(name + ".json"));
  }

  private static byte[] bytes(String file) {
    String directory = System.getProperty("palimpsest.golden");
    try {
      if (directory != null) {
        return Files.readAllBytes(Path.of(directory, file));
      }
      try (InputStream in = Golden.class.getResourceAsStream("/golden/" + file)) {
        if (in == null) {
          throw new IllegalStateException("there is no vector file " + file);
        }
        return in.readAllBytes();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The numbers of an array or of a plain list. */
  public static double[] doubles(JsonNode array) {
    JsonNode data = array.isArray() ? array : array.required("data");
    double[] values = new double[data.size()];
    for (int i = 0; i < values.length; i++) {
      JsonNode value = data.get(i);
      values[i] = value.isTextual() ? Double.parseDouble(value.asText()) : value.doubleValue();
    }
    return values;
  }

  public static long[] longs(JsonNode array) {
    double[] values = doubles(array);
    long[] longs = new long[values.length];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = (long) values[i];
    }
    return longs;
  }

  public static int[] ints(JsonNode array) {
    long[] values = longs(array);
    int[] ints = new int[values.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = (int) values[i];
    }
    return ints;
  }

  public static long[] shape(JsonNode array) {
    List<Long> shape = new ArrayList<>();
    array.required("shape").forEach(size -> shape.add(size.longValue()));
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /** An array as F64. */
  public static Tensor tensor(JsonNode array) {
    return Tensor.of(doubles(array), shape(array));
  }

  /** An array of numbers 0 to 255 as U8. */
  public static Tensor bytes(JsonNode array) {
    double[] values = doubles(array);
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (int) values[i];
    }
    return Tensor.of(bytes, shape(array));
  }

  /** Row {@code index} of an array whose outermost dimension counts rows. */
  public static Tensor row(JsonNode array, int index) {
    long[] shape = shape(array);
    double[] all = doubles(array);
    int length = (int) (all.length / shape[0]);
    double[] row = new double[length];
    System.arraycopy(all, index * length, row, 0, length);
    return Tensor.of(row, java.util.Arrays.copyOfRange(shape, 1, shape.length));
  }

  public static void assertClose(
      double[] actual, double[] expected, double tolerance, String what) {
    assertThat(actual).as(what + ": how many numbers").hasSameSizeAs(expected);
    assertThat(expected.length).as(what + ": numbers to compare").isPositive();
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
        throw new AssertionError(
            what + "[" + i + "] is " + actual[i] + ", expected " + expected[i]);
      }
    }
  }
}
