package dev.palimpsest.methods.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;

/** Makes small files of the formats. */
final class DataFiles {
  private DataFiles() {}

  /** Images whose pixels count up from {@code first}, modulo 251. */
  static byte[] idxImages(int count, int height, int width, int first) {
    ByteBuffer file = ByteBuffer.allocate(16 + count * height * width);
    file.putInt(0x803).putInt(count).putInt(height).putInt(width);
    for (int i = 0; i < count * height * width; i++) {
      file.put((byte) ((first + i) % 251));
    }
    return file.array();
  }

  static byte[] idxLabels(int... labels) {
    ByteBuffer file = ByteBuffer.allocate(8 + labels.length);
    file.putInt(0x801).putInt(labels.length);
    for (int label : labels) {
      file.put((byte) label);
    }
    return file.array();
  }

  /**
   * Records whose red, green and blue planes are {@code label + 10}, {@code + 20}, {@code + 30}.
   */
  static byte[] cifar(int... labels) {
    ByteBuffer file = ByteBuffer.allocate(labels.length * 3073);
    for (int label : labels) {
      file.put((byte) label);
      for (int plane = 1; plane <= 3; plane++) {
        for (int i = 0; i < 1024; i++) {
          file.put((byte) (label + 10 * plane));
        }
      }
    }
    return file.array();
  }

  /** As {@link #cifar}, each with two labels. */
  static byte[] cifar100(int coarse, int... labels) {
    ByteBuffer file = ByteBuffer.allocate(labels.length * 3074);
    for (int label : labels) {
      byte[] one = cifar(label);
      file.put((byte) coarse).put(one);
    }
    return file.array();
  }

  /** An image of one colour. */
  static BufferedImage image(int type, int width, int height, int rgb) {
    var image = new BufferedImage(width, height, type);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, rgb);
    }
    return image;
  }

  static byte[] encoded(String format, BufferedImage image) {
    var out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, out)) {
        throw new IllegalArgumentException("no " + format + " of " + image);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] png(int rgb) {
    return encoded("png", image(BufferedImage.TYPE_INT_RGB, 4, 3, rgb));
  }

  static byte[] gzip(byte[] content) {
    var out = new ByteArrayOutputStream();
    try (var packed = new GZIPOutputStream(out)) {
      packed.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static void write(Path folder, String name, byte[] content) {
    try {
      Files.createDirectories(folder.resolve(name).getParent());
      Files.write(folder.resolve(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void write(Path folder, String name, String content) {
    write(folder, name, content.getBytes(StandardCharsets.UTF_8));
  }

  static void delete(Path folder, String name) {
    try {
      Files.delete(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Four training and two test images of 2 by 3 pixels in three classes. */
  static void idx(Path folder) {
    write(folder, "train-images-idx3-ubyte", idxImages(4, 2, 3, 0));
    write(folder, "train-labels-idx1-ubyte", idxLabels(2, 0, 1, 2));
    write(folder, "t10k-images-idx3-ubyte", idxImages(2, 2, 3, 100));
    write(folder, "t10k-labels-idx1-ubyte", idxLabels(1, 0));
  }
}
