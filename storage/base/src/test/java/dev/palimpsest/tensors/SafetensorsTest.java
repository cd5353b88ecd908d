package dev.palimpsest.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SafetensorsTest {
  private static final String WHAT = "checkpoint c0ffee";

  @TempDir Path directory;

  @Test
  void aTensorIsReadAndWrittenInPieces() {
    byte[] values = new byte[(2 << 20) + 5];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (i % 251);
    }
    Path file = directory.resolve("large.safetensors");
    Safetensors.write(
        file, new Tensors.Builder().put("a", Tensor.of(values, values.length)).build());
    assertThat(Safetensors.read(file, WHAT).get("a").bytes()).isEqualTo(values);
  }

  @Test
  void theBytesAreThoseOfTheFormat() throws IOException {
    Tensors content =
        new Tensors.Builder()
            .put("a", Tensor.of(new float[] {1f, -2f}, 2))
            .put("b", Tensor.of(new byte[] {7, 8, 9}, 1, 3))
            .text("z", "last")
            .text("format", "pt")
            .build();
    Path file = directory.resolve("a.safetensors");
    Safetensors.write(file, content);
    String header =
        "{\"__metadata__\":{\"format\":\"pt\",\"z\":\"last\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[1,3],\"data_offsets\":[8,11]}}";
    assertThat(header.length()).isEqualTo(151);
    byte[] data = {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0, 7, 8, 9};
    assertThat(Files.readAllBytes(file)).isEqualTo(file(header + " ", data));
  }

  @Test
  void whatWasWrittenIsReadInItsOrder() {
    Tensors content = everyType();
    Path file = directory.resolve("all.safetensors");
    Safetensors.write(file, content);
    Tensors read = Safetensors.read(file, WHAT);
    assertThat(read.tensors().keySet())
        .containsExactly("bytes", "flags", "floats", "doubles", "longs", "ints", "none", "scalar");
    assertThat(read.get("bytes").bytes()).containsExactly(1, 2, -1);
    assertThat(read.get("flags").type()).isEqualTo(Tensor.Type.BOOL);
    assertThat(read.get("floats").floats()).containsExactly(1.5f, Float.NaN, -0f, Float.MIN_VALUE);
    assertThat(read.get("floats").shape()).containsExactly(2, 2);
    assertThat(read.get("doubles").doubles()).containsExactly(Math.PI);
    assertThat(read.get("longs").longs()).containsExactly(Long.MIN_VALUE, 3);
    assertThat(read.get("ints").ints()).containsExactly(4, 5);
    assertThat(read.get("none").shape()).containsExactly(0, 3);
    assertThat(read.get("scalar").shape()).isEmpty();
    assertThat(read.get("scalar").floats()).containsExactly(9f);
    assertThat(read.metadata()).containsOnlyKeys("note");
    assertThat(read.text("note")).isEqualTo("größer \"quoted\"");
  }

  @Test
  void theSameContentGivesTheSameBytes() throws IOException {
    Path one = directory.resolve("one");
    Path two = directory.resolve("two");
    Safetensors.write(one, everyType());
    Safetensors.write(two, Safetensors.read(one, WHAT));
    assertThat(Files.readAllBytes(two)).isEqualTo(Files.readAllBytes(one));
  }

  @Test
  void everyTensorIsAlignedToItsElements() {
    Path file = directory.resolve("aligned");
    Safetensors.write(file, everyType());
    SafetensorsHeader header = Safetensors.header(file, WHAT);
    assertThat(header.dataStart() % 8).isZero();
    header
        .tensors()
        .forEach(
            (name, entry) -> assertThat(entry.begin() % entry.type().bytes()).as(name).isZero());
  }

  @Test
  void theHeaderAloneTellsNamesTypesShapesAndMetadata() {
    Path file = directory.resolve("header");
    Safetensors.write(file, everyType());
    SafetensorsHeader header = Safetensors.header(file, WHAT);
    assertThat(header.tensors().keySet()).first().isEqualTo("bytes");
    assertThat(header.tensors())
        .containsEntry(
            "floats", new SafetensorsHeader.Entry(Tensor.Type.F32, List.of(2L, 2L), 24, 40));
    assertThat(header.metadata()).containsEntry("note", "größer \"quoted\"");
  }

  @Test
  void aFileOfNoTensorsIsAFile() {
    Path file = directory.resolve("empty");
    Safetensors.write(file, new Tensors.Builder().build());
    assertThat(Safetensors.read(file, WHAT).tensors()).isEmpty();
  }

  @Test
  void aFileCutAtAnyByteIsRefusedNamingIt() throws IOException {
    Path whole = directory.resolve("whole");
    Safetensors.write(whole, everyType());
    byte[] bytes = Files.readAllBytes(whole);
    for (int length = 0; length < bytes.length; length++) {
      Path cut = directory.resolve("cut");
      Files.write(cut, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> Safetensors.read(cut, WHAT))
          .as("cut to %d of %d bytes", length, bytes.length)
          .isInstanceOf(Mistake.class)
          .hasMessageContaining(WHAT)
          .hasMessageContaining("cut short");
      assertThatThrownBy(() -> Safetensors.header(cut, WHAT))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining(WHAT);
    }
  }

  @Test
  void bytesAfterTheLastTensorAreRefused() throws IOException {
    refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 2, "1 bytes after");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE})
  void aSenselessHeaderLengthIsRefused(long length) throws IOException {
    byte[] bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
    Path file = Files.write(directory.resolve("length"), bytes);
    assertThatThrownBy(() -> Safetensors.read(file, WHAT))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining(WHAT)
        .hasMessageContaining("100000000");
  }

  @Test
  void overlapsGapsAndWrongSizesAreRefusedNamingTheTensor() throws IOException {
    String a = "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},";
    refused(a + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 3, "'b'");
    refused(a + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[3,5]}}", 5, "'b'");
    refused(a + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[2,4]}}", 4, "'b'");
    refused(a + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[4,2]}}", 4, "'b'");
    refused(a + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2]}}", 4, "'b'");
    refused(
        a + "\"b\":{\"dtype\":\"U8\",\"shape\":[-2],\"data_offsets\":[2,4]}}",
        4,
        "'b', shape: expected a list of whole numbers");
    refused(
        a + "\"b\":{\"dtype\":\"U8\",\"shape\":[1.5],\"data_offsets\":[2,4]}}",
        4,
        "'b', shape: expected a list of whole numbers");
    refused(a + "\"b\":{\"dtype\":\"U8\",\"shape\":[2]}}", 4, "'b'");
    refused(a + "\"b\":7}", 4, "'b'");
    refused(
        a
            + "\"b\":{\"dtype\":\"F64\",\"shape\":[4294967296,4294967296],"
            + "\"data_offsets\":[2,2]}}",
        2,
        "'b'");
    refused(
        a + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4],\"kind\":1}}",
        4,
        "'kind'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"BF16", "F16", "I16", "U16", "U32", "U64", "F8_E4M3", "f32", ""})
  void anElementTypeThatTheEngineCannotTakeIsRefused(String type) throws IOException {
    refused(
        "{\"w\":{\"dtype\":\"" + type + "\",\"shape\":[1],\"data_offsets\":[0,2]}}",
        2,
        "tensor 'w' has the dtype " + type);
  }

  @Test
  void aHeaderThatIsNotPlainJsonIsRefused() throws IOException {
    refused("[1, 2]", 0, "not a JSON object");
    refused("{\"a\":", 0, WHAT);
    refused("{\"__metadata__\":{\"a\":1}}", 0, "__metadata__");
    refused(
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
            + "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
        1,
        "'a'");
  }

  @Test
  void aFileThatIsNotThereIsAMistakeNamingIt() {
    assertThatThrownBy(() -> Safetensors.read(directory.resolve("none"), WHAT))
        .isInstanceOf(Mistake.class)
        .hasMessage(WHAT + " is missing; expected a safetensors file.");
  }

  @Test
  void nothingIsLeftWhereAFileCannotBeWritten() throws IOException {
    Path taken = Files.createDirectory(directory.resolve("taken"));
    Files.writeString(taken.resolve("inside"), "x");
    assertThatThrownBy(() -> Safetensors.write(taken, everyType()))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("taken");
    try (var left = Files.list(directory)) {
      assertThat(left).containsExactly(taken);
    }
  }

  private void refused(String header, int dataBytes, String reason) throws IOException {
    Path file = Files.write(directory.resolve("refused"), file(header, new byte[dataBytes]));
    for (var read :
        List.<Runnable>of(
            () -> Safetensors.read(file, WHAT), () -> Safetensors.header(file, WHAT))) {
      assertThatThrownBy(read::run)
          .as(header)
          .isInstanceOf(Mistake.class)
          .hasMessageContaining(WHAT)
          .hasMessageContaining(reason);
    }
  }

  private static byte[] file(String header, byte[] data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
    file.writeBytes(text);
    file.writeBytes(data);
    return file.toByteArray();
  }

  private static Tensors everyType() {
    return new Tensors.Builder()
        .put("bytes", Tensor.of(new byte[] {1, 2, -1}, 3))
        .put(
            "flags",
            new Tensor(Tensor.Type.BOOL, new long[] {2}, ByteBuffer.wrap(new byte[] {1, 0})))
        .put("floats", Tensor.of(new float[] {1.5f, Float.NaN, -0f, Float.MIN_VALUE}, 2, 2))
        .put("doubles", Tensor.of(new double[] {Math.PI}, 1))
        .put("longs", Tensor.of(new long[] {Long.MIN_VALUE, 3}, 2))
        .put("ints", Tensor.of(new int[] {4, 5}, 2))
        .put("none", Tensor.of(new float[0], 0, 3))
        .put("scalar", Tensor.of(new float[] {9f}))
        .text("note", "größer \"quoted\"")
        .build();
  }
}
