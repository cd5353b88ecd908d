package dev.palimpsest.tensors;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes safetensors files: eight bytes of header length (little-endian), a JSON header,
 * the elements.
 *
 * <p>The same tensors and metadata always give the same bytes. The header names the tensors in
 * their given order and is padded with spaces to a multiple of eight; the elements lie by falling
 * element size, so that each tensor is aligned, as torch expects when it maps a file.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">the format</a>
 */
public final class Safetensors {
  static final String METADATA = "__metadata__";
  private static final int LENGTH_BYTES = 8;

  /** How many bytes are read or written at once: Java copies them outside the heap. */
  private static final int CHUNK = 1 << 20;

  private Safetensors() {}

  /**
   * Writes the file as a whole or not at all.
   *
   * @throws Failure if it cannot be written; {@code file} is then as it was
   */
  public static void write(Path file, Tensors content) {
    List<Map.Entry<String, Tensor>> laid = new ArrayList<>(content.tensors().entrySet());
    laid.sort(Comparator.comparingInt(entry -> -entry.getValue().type().bytes()));
    byte[] header = header(content, laid);
    Path directory = file.toAbsolutePath().getParent();
    Path part = null;
    try {
      part = Files.createTempFile(directory, "." + file.getFileName(), ".part");
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
        ByteBuffer start =
            ByteBuffer.allocate(LENGTH_BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
        start.putLong(header.length).put(header).flip();
        writeAll(channel, start);
        for (Map.Entry<String, Tensor> entry : laid) {
          writeAll(channel, entry.getValue().data());
        }
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      Failure failure =
          Failure.passing(
              file.getFileName()
                  + " cannot be written ("
                  + e.getMessage()
                  + "); expected a directory with room that may be written to.",
              e);
      discard(part, failure);
      throw failure;
    }
  }

  /**
   * Reads a whole file.
   *
   * @param what what the file is, for the error's sentence ("checkpoint 3f2a")
   * @throws Mistake naming {@code what} if it is missing, cut short, or not of this format; element
   *     types other than {@link Tensor.Type} are refused
   */
  public static Tensors read(Path file, String what) {
    try (FileChannel channel = open(what, file)) {
      SafetensorsHeader header = SafetensorsHeader.read(what, channel);
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      for (Map.Entry<String, SafetensorsHeader.Entry> named : header.tensors().entrySet()) {
        SafetensorsHeader.Entry entry = named.getValue();
        if (entry.bytes() > Integer.MAX_VALUE - 8) {
          throw new Mistake(
              what + ": tensor '" + named.getKey() + "' is larger than 2 GiB; expected less.");
        }
        ByteBuffer data = ByteBuffer.allocate((int) entry.bytes());
        readAll(what, channel, data, header.dataStart() + entry.begin());
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        tensors.put(named.getKey(), new Tensor(entry.type(), shape, data.flip()));
      }
      return new Tensors(tensors, header.metadata());
    } catch (IOException e) {
      throw unreadable(what, e);
    }
  }

  /**
   * As {@link #read}, without the elements. Whether they are all there is checked none the less.
   */
  public static SafetensorsHeader header(Path file, String what) {
    try (FileChannel channel = open(what, file)) {
      return SafetensorsHeader.read(what, channel);
    } catch (IOException e) {
      throw unreadable(what, e);
    }
  }

  static void readAll(String what, FileChannel channel, ByteBuffer into, long from)
      throws IOException {
    long at = from;
    while (into.hasRemaining()) {
      int read = channel.read(next(into), at);
      if (read < 0) {
        throw new Mistake(what + " is cut short: it ends at byte " + at + ".");
      }
      at += read;
      into.position(into.position() + read);
    }
  }

  /** A view of the next bytes, a chunk at most. */
  private static ByteBuffer next(ByteBuffer buffer) {
    return buffer.slice(buffer.position(), Math.min(CHUNK, buffer.remaining()));
  }

  private static byte[] header(Tensors content, List<Map.Entry<String, Tensor>> laid) {
    Map<String, Long> begins = new LinkedHashMap<>();
    long end = 0;
    for (Map.Entry<String, Tensor> entry : laid) {
      begins.put(entry.getKey(), end);
      end += bytes(entry.getValue());
    }
    ObjectNode header = Json.object();
    if (!content.metadata().isEmpty()) {
      ObjectNode metadata = header.putObject(METADATA);
      new TreeMap<>(content.metadata()).forEach(metadata::put);
    }
    content
        .tensors()
        .forEach((name, tensor) -> {
          if (name.equals(METADATA)) {
            throw new IllegalArgumentException("no tensor can be named " + METADATA);
          }
          ObjectNode entry = header.putObject(name).put("dtype", tensor.type().name());
          ArrayNode shape = entry.putArray("shape");
          for (long size : tensor.shape()) {
            shape.add(size);
          }
          long begin = begins.getOrDefault(name, 0L);
          entry.putArray("data_offsets").add(begin).add(begin + bytes(tensor));
        });
    String text = Json.line(header);
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    return (text + " ".repeat((8 - length % 8) % 8)).getBytes(StandardCharsets.UTF_8);
  }

  private static long bytes(Tensor tensor) {
    return tensor.elements() * tensor.type().bytes();
  }

  private static FileChannel open(String what, Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new Mistake(what + " is missing; expected a safetensors file.");
    }
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      bytes.position(bytes.position() + channel.write(next(bytes)));
    }
  }

  private static void discard(@Nullable Path part, Failure failure) {
    if (part == null) {
      return;
    }
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private static Failure unreadable(String what, IOException e) {
    return new Failure(what + " cannot be read (" + e.getMessage() + ").", e);
  }
}
