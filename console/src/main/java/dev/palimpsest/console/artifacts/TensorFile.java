package dev.palimpsest.console.artifacts;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.SafetensorsHeader;
import dev.palimpsest.tensors.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A tensor artifact of which only its header and the rows that are asked for are read. */
final class TensorFile {
  /** No header of an honest file comes near this many bytes. */
  private static final long LONGEST_HEADER = 16 << 20;

  private static final int FIRST = 1 << 14;
  private static final int LENGTH_BYTES = 8;

  private final Artifacts artifacts;
  private final Reference reference;
  private final SafetensorsHeader header;
  private final Map<String, Tensor> whole = new ConcurrentHashMap<>();

  private TensorFile(Artifacts artifacts, Reference reference, SafetensorsHeader header) {
    this.artifacts = artifacts;
    this.reference = reference;
    this.header = header;
  }

  /**
   * Reads the header.
   *
   * @throws Mistake if it is no safetensors file
   */
  static TensorFile open(Artifacts artifacts, Reference reference) {
    String what = reference.artifact() + " " + reference.sha256().brief();
    byte[] start = artifacts.part(reference, 0, FIRST);
    if (start.length < LENGTH_BYTES) {
      throw new Mistake(what + " is too short for a safetensors file.");
    }
    long length = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > LONGEST_HEADER) {
      throw new Mistake(what + " is no safetensors file, or one with a header too long to show.");
    }
    int bytes = (int) (LENGTH_BYTES + length);
    byte[] head = bytes <= start.length ? start : artifacts.part(reference, 0, bytes);
    return new TensorFile(artifacts, reference, header(what, head, bytes, reference.bytes()));
  }

  /** The check of a header reads a file: here one with a hole where the elements would be. */
  private static SafetensorsHeader header(String what, byte[] head, int length, long size) {
    try {
      Path file = Files.createTempFile("palimpsest-header", ".safetensors");
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
        channel.write(ByteBuffer.wrap(head, 0, Math.min(length, head.length)));
        if (size > length) {
          channel.write(ByteBuffer.allocate(1), size - 1);
        }
        return Safetensors.header(file, what);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw Failure.passing(
          "The header of "
              + what
              + " cannot be looked at ("
              + e
              + "); expected room in "
              + System.getProperty("java.io.tmpdir")
              + ".",
          e);
    }
  }

  SafetensorsHeader header() {
    return header;
  }

  Reference reference() {
    return reference;
  }

  Optional<SafetensorsHeader.Entry> entry(String name) {
    return Optional.ofNullable(header.tensors().get(name));
  }

  /** A whole tensor, read once. */
  Tensor tensor(String name) {
    return whole.computeIfAbsent(
        name,
        each -> {
          SafetensorsHeader.Entry entry = entry(each).orElseThrow();
          long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
          return read(entry, 0, entry.bytes(), shape);
        });
  }

  /** The rows from {@code from} on; as many as there are, {@code count} at most. */
  Tensor rows(String name, long from, int count) {
    SafetensorsHeader.Entry entry = entry(name).orElseThrow();
    long[] shape = entry.shape().stream().mapToLong(each -> each).toArray();
    long row = entry.bytes() / Math.max(1, shape[0]);
    shape[0] = Math.clamp(shape[0] - from, 0, count);
    return read(entry, from * row, shape[0] * row, shape);
  }

  private Tensor read(SafetensorsHeader.Entry entry, long from, long bytes, long... shape) {
    byte[] read =
        artifacts.part(
            reference, header.dataStart() + entry.begin() + from, Math.toIntExact(bytes));
    if (read.length != bytes) {
      throw new Failure(
          "The "
              + reference.artifact()
              + " "
              + reference.sha256().brief()
              + " is cut short in the store; expected its "
              + reference.bytes()
              + " bytes.");
    }
    return new Tensor(entry.type(), shape, ByteBuffer.wrap(read));
  }
}
