package dev.palimpsest.tensors;

import dev.palimpsest.base.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;

/** Compares two safetensors files element by element, in two megabytes of memory. */
public final class TensorComparison {
  /** Bytes that are held of each file: a multiple of every element's size. */
  private static final int CHUNK = 1 << 20;

  private final String what;
  private final FileChannel first;
  private final FileChannel second;
  private final List<TensorDifference> found = new ArrayList<>();
  private final ByteBuffer one = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer other = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);

  private TensorComparison(String what, FileChannel first, FileChannel second) {
    this.what = what;
    this.first = first;
    this.second = second;
  }

  /**
   * How the files differ: tensors in the order of the first file, those that only the second has,
   * metadata by name. Empty where they hold the same, be it in another order.
   *
   * @param what what the files are, for sentences
   * @throws dev.palimpsest.base.Mistake if one of them is no safetensors file
   */
  public static List<TensorDifference> of(String what, Path first, Path second) {
    SafetensorsHeader header = Safetensors.header(first, what);
    SafetensorsHeader beside = Safetensors.header(second, what);
    try (FileChannel one = FileChannel.open(first);
        FileChannel other = FileChannel.open(second)) {
      var comparison = new TensorComparison(what, one, other);
      comparison.tensors(header, beside);
      comparison.metadata(header, beside);
      return comparison.found;
    } catch (IOException e) {
      throw new Failure(what + " cannot be read (" + e.getMessage() + ").", e);
    }
  }

  private void tensors(SafetensorsHeader header, SafetensorsHeader beside) throws IOException {
    for (var named : header.tensors().entrySet()) {
      String name = named.getKey();
      SafetensorsHeader.Entry entry = named.getValue();
      SafetensorsHeader.Entry its = beside.tensors().get(name);
      if (its == null) {
        found.add(new TensorDifference.Missing(name, true));
      } else if (entry.type() != its.type() || !entry.shape().equals(its.shape())) {
        found.add(new TensorDifference.Form(name, entry, its));
      } else {
        elements(name, entry, header.dataStart() + entry.begin(), beside.dataStart() + its.begin());
      }
    }
    for (String name : beside.tensors().keySet()) {
      if (!header.tensors().containsKey(name)) {
        found.add(new TensorDifference.Missing(name, false));
      }
    }
  }

  private void elements(String name, SafetensorsHeader.Entry entry, long from, long besideFrom)
      throws IOException {
    int size = entry.type().bytes();
    long differing = 0;
    long notFinite = 0;
    double largest = -1;
    for (long at = 0; at < entry.bytes(); at += CHUNK) {
      int length = (int) Math.min(CHUNK, entry.bytes() - at);
      Safetensors.readAll(what, first, one.clear().limit(length), from + at);
      Safetensors.readAll(what, second, other.clear().limit(length), besideFrom + at);
      int mismatch = one.flip().mismatch(other.flip());
      for (int i = mismatch < 0 ? length : mismatch / size * size; i < length; i += size) {
        if (one.slice(i, size).mismatch(other.slice(i, size)) < 0) {
          continue;
        }
        differing++;
        double difference = difference(entry.type(), i);
        if (Double.isFinite(difference)) {
          largest = Math.max(largest, difference);
        } else {
          notFinite++;
        }
      }
    }
    if (differing > 0) {
      found.add(
          new TensorDifference.Elements(
              name,
              entry.bytes() / size,
              differing,
              largest < 0 ? OptionalDouble.empty() : OptionalDouble.of(largest),
              notFinite));
    }
  }

  /** The absolute difference of the elements at byte {@code i} of the chunks. */
  private double difference(Tensor.Type type, int i) {
    return switch (type) {
      case F64 -> Math.abs(one.getDouble(i) - other.getDouble(i));
      case F32 -> Math.abs((double) one.getFloat(i) - other.getFloat(i));
      case I64 -> difference(one.getLong(i), other.getLong(i));
      case I32 -> Math.abs((double) one.getInt(i) - other.getInt(i));
      case U8, BOOL -> Math.abs((one.get(i) & 0xff) - (other.get(i) & 0xff));
    };
  }

  /** Of one sign they are subtracted exactly; of two, doubles neither overflow nor cancel. */
  private static double difference(long a, long b) {
    return Math.abs((a ^ b) < 0 ? (double) a - b : a - b);
  }

  private void metadata(SafetensorsHeader header, SafetensorsHeader beside) {
    var names = new TreeSet<>(header.metadata().keySet());
    names.addAll(beside.metadata().keySet());
    for (String name : names) {
      var text = Optional.ofNullable(header.metadata().get(name));
      var its = Optional.ofNullable(beside.metadata().get(name));
      if (!text.equals(its)) {
        found.add(new TensorDifference.Metadata(name, text, its));
      }
    }
  }
}
