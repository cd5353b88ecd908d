package dev.palimpsest.tensors;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * What a safetensors file says of itself before its elements.
 *
 * @param tensors by name, in the order of the header
 * @param metadata free text by name
 * @param dataStart where the elements begin in the file, in bytes
 */
public record SafetensorsHeader(
    SequencedMap<String, Entry> tensors, Map<String, String> metadata, long dataStart) {
  /** No header of an honest file comes near this many bytes. */
  private static final long LIMIT = 100_000_000;

  private static final int LENGTH_BYTES = 8;
  private static final Set<String> FIELDS = Set.of("dtype", "shape", "data_offsets");

  public SafetensorsHeader {
    tensors = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(tensors));
    metadata = Map.copyOf(metadata);
  }

  /**
   * One tensor without its elements.
   *
   * @param shape the sizes, outermost first; empty for a scalar
   * @param begin where its elements begin, counted from {@link #dataStart()}
   * @param end one past where they end
   */
  public record Entry(Tensor.Type type, List<Long> shape, long begin, long end) {
    public Entry {
      shape = List.copyOf(shape);
    }

    public long bytes() {
      return end - begin;
    }
  }

  static SafetensorsHeader read(String what, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < LENGTH_BYTES) {
      throw new Mistake(
          what + " is cut short: it has " + size + " bytes, too few for a safetensors file.");
    }
    ByteBuffer prefix = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    Safetensors.readAll(what, channel, prefix, 0);
    long length = prefix.flip().getLong();
    if (length < 2 || length > LIMIT) {
      throw new Mistake(
          what
              + " is no safetensors file: it claims a header of "
              + Long.toUnsignedString(length)
              + " bytes; expected 2 to "
              + LIMIT
              + ".");
    }
    if (length > size - LENGTH_BYTES) {
      throw new Mistake(
          what
              + " is cut short: its header needs "
              + (LENGTH_BYTES + length)
              + " bytes, the file has "
              + size
              + ".");
    }
    ByteBuffer text = ByteBuffer.allocate((int) length);
    Safetensors.readAll(what, channel, text, LENGTH_BYTES);
    JsonNode json = Json.parse("the header of " + what, text.array());
    if (!json.isObject()) {
      throw new Mistake(what + " is no safetensors file: its header is not a JSON object.");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    SequencedMap<String, Entry> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (field.getKey().equals(Safetensors.METADATA)) {
        metadata = metadata(what, field.getValue());
      } else {
        tensors.put(field.getKey(), entry(what, field.getKey(), field.getValue()));
      }
    }
    long dataStart = LENGTH_BYTES + length;
    checkTiling(what, tensors, size - dataStart);
    return new SafetensorsHeader(tensors, metadata, dataStart);
  }

  private static Map<String, String> metadata(String what, JsonNode node) {
    Map<String, String> metadata = new LinkedHashMap<>();
    boolean textOnly = node.isObject();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      textOnly &= field.getValue().isTextual();
      metadata.put(field.getKey(), field.getValue().asText());
    }
    if (!textOnly) {
      throw new Mistake(
          what + ": " + Safetensors.METADATA + " must be an object that holds text only.");
    }
    return metadata;
  }

  private static Entry entry(String what, String name, JsonNode node) {
    String tensor = what + ": tensor '" + name + "'";
    if (!node.isObject()) {
      throw new Mistake(tensor + " must be described by an object.");
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!FIELDS.contains(field.getKey())) {
        throw new Mistake(tensor + " has an unknown field '" + field.getKey() + "'.");
      }
    }
    List<Long> shape = counts(tensor + ", shape", node.path("shape"));
    List<Long> offsets = counts(tensor + ", data_offsets", node.path("data_offsets"));
    Tensor.Type type = type(tensor, node.path("dtype"));
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
      throw new Mistake(
          tensor + " has the data_offsets " + offsets + "; expected [begin, end] in this order.");
    }
    Entry entry = new Entry(type, shape, offsets.get(0), offsets.get(1));
    if (entry.bytes() != expectedBytes(type, shape)) {
      throw new Mistake(
          tensor
              + " has "
              + entry.bytes()
              + " bytes, which do not fill "
              + type
              + " of shape "
              + shape
              + ".");
    }
    return entry;
  }

  /** The bytes of this shape, or -1 where a {@code long} cannot count them. */
  private static long expectedBytes(Tensor.Type type, List<Long> shape) {
    if (shape.contains(0L)) {
      return 0;
    }
    long bytes = type.bytes();
    for (long size : shape) {
      if (bytes > Long.MAX_VALUE / size) {
        return -1;
      }
      bytes *= size;
    }
    return bytes;
  }

  private static Tensor.Type type(String tensor, JsonNode node) {
    return Arrays.stream(Tensor.Type.values())
        .filter(known -> node.isTextual() && known.name().equals(node.asText()))
        .findFirst()
        .orElseThrow(() ->
            new Mistake(
                tensor
                    + " has the dtype "
                    + (node.isMissingNode() ? "(none)" : node.asText())
                    + "; expected one of "
                    + Arrays.toString(Tensor.Type.values())
                    + "."));
  }

  private static List<Long> counts(String where, JsonNode node) {
    List<Long> counts = new ArrayList<>();
    boolean fine = node.isArray();
    for (JsonNode element : node) {
      fine &= element.isIntegralNumber() && element.canConvertToLong() && element.asLong() >= 0;
      counts.add(element.asLong());
    }
    if (!fine) {
      throw new Mistake(where + ": expected a list of whole numbers from 0 up.");
    }
    return counts;
  }

  /** The tensors must fill the data exactly: no hole, no overlap, nothing after the last. */
  private static void checkTiling(
      String what, SequencedMap<String, Entry> tensors, long dataBytes) {
    List<Map.Entry<String, Entry>> laid = new ArrayList<>(tensors.entrySet());
    laid.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> named) -> named.getValue().begin())
            .thenComparingLong(named -> named.getValue().end()));
    long at = 0;
    for (Map.Entry<String, Entry> named : laid) {
      if (named.getValue().begin() != at) {
        throw new Mistake(
            what
                + ": tensor '"
                + named.getKey()
                + "' begins at byte "
                + named.getValue().begin()
                + " of the data; expected "
                + at
                + ", without overlap or gap.");
      }
      at = named.getValue().end();
    }
    if (dataBytes < at) {
      throw new Mistake(
          what + " is cut short: its tensors need " + at + " bytes, it has " + dataBytes + ".");
    }
    if (dataBytes > at) {
      throw new Mistake(
          what + " has " + (dataBytes - at) + " bytes after its last tensor; expected none.");
    }
  }
}
