package dev.palimpsest.report;

import dev.palimpsest.tensors.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.Adler32;
import java.util.zip.CRC32;

/**
 * Writes PNG images (W3C PNG, third edition; zlib streams of stored blocks), so that the bytes
 * depend on the pixels only.
 */
public final class Png {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int LARGEST_BLOCK = 65_535;

  private Png() {}

  /**
   * One image of a batch, 8 bits a channel.
   *
   * @param images U8 [N, C, H, W], C 1 (grey) or 3 (red, green, blue), H and W above 0
   * @param index 0 to N - 1
   */
  public static byte[] of(Tensor images, int index) {
    long[] shape = images.shape();
    boolean image = images.type() == Tensor.Type.U8 && shape.length == 4;
    if (!image || (shape[1] != 1 && shape[1] != 3) || shape[2] < 1 || shape[3] < 1) {
      throw new IllegalArgumentException(
          images.type()
              + Arrays.toString(shape)
              + " holds no images; expected U8 [N, C, H, W] with 1 or 3 channels");
    }
    int channels = (int) shape[1];
    int height = Math.toIntExact(shape[2]);
    int width = Math.toIntExact(shape[3]);
    ByteBuffer pixels =
        images
            .data()
            .slice(Math.multiplyExact(index, channels * height * width), channels * height * width);
    // Each line starts with its filter type, 0: none.
    byte[] lines = new byte[height * (1 + width * channels)];
    int at = 0;
    for (int y = 0; y < height; y++) {
      at++;
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          lines[at++] = pixels.get((c * height + y) * width + x);
        }
      }
    }
    var out = new ByteArrayOutputStream();
    out.writeBytes(SIGNATURE);
    byte colourType = (byte) (channels == 1 ? 0 : 2);
    chunk(
        out,
        "IHDR",
        ByteBuffer.allocate(13).putInt(width).putInt(height).put((byte) 8).put(colourType).array());
    chunk(out, "IDAT", stored(lines));
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    var crc = new CRC32();
    crc.update(name);
    crc.update(data);
    out.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    out.writeBytes(name);
    out.writeBytes(data);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }

  /** A zlib stream (RFC 1950) that holds the data as it is. */
  private static byte[] stored(byte[] data) {
    var out = new ByteArrayOutputStream();
    out.write(0x78);
    out.write(0x01);
    for (int from = 0; from < data.length; from += LARGEST_BLOCK) {
      int length = Math.min(LARGEST_BLOCK, data.length - from);
      out.write(from + length == data.length ? 1 : 0);
      out.write(length);
      out.write(length >> 8);
      out.write(~length);
      out.write(~length >> 8);
      out.write(data, from, length);
    }
    var adler = new Adler32();
    adler.update(data);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) adler.getValue()).array());
    return out.toByteArray();
  }
}
