package dev.palimpsest.methods.data;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Objects;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * A PNG or JPEG file that was decoded.
 *
 * <p>Values are taken as they stand in the file: no colour profile is applied, transparency is
 * dropped, values of other depths than 8 bits are scaled to it.
 */
record Picture(Path file, BufferedImage image) {
  private static final int LARGEST_FILE = 1 << 26;
  private static final int LONGEST_SIDE = 1024;
  private static final long PNG = 0x89504E470D0A1A0AL;
  private static final int IEND = 0x49454E44;
  private static final int JPEG = 0xFFD8;
  private static final byte SCAN = (byte) 0xDA;
  private static final byte END = (byte) 0xD9;
  private static final String CUT = "it ends too early";

  static {
    // No window is opened, and where there is no screen nothing may ask for one.
    System.setProperty("java.awt.headless", "true");
  }

  /**
   * Reads a file.
   *
   * @throws Mistake if it is no PNG or JPEG, damaged, or longer than 1,024 pixels on a side
   */
  static Picture read(Path file) {
    byte[] bytes = bytes(file);
    boolean png = bytes.length > 8 && ByteBuffer.wrap(bytes).getLong() == PNG;
    if (!png && (bytes.length < 3 || ByteBuffer.wrap(bytes).getChar() != JPEG)) {
      throw new Mistake("File '" + file + "' is no image; expected PNG or JPEG.");
    }
    String damage = png ? pngDamage(bytes) : jpegDamage(bytes);
    if (!damage.isEmpty()) {
      throw new Mistake(damage(file, damage));
    }
    try {
      return new Picture(file, decoded(file, png ? "png" : "jpeg", bytes));
    } catch (Mistake e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // What decoders throw at damaged files is not told apart.
      throw new Mistake(damage(file, Objects.requireNonNullElse(e.getMessage(), "" + e)), e);
    }
  }

  private static BufferedImage decoded(Path file, String format, byte[] bytes) throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    var warnings = new ArrayList<String>();
    reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      reader.setInput(in, true, true);
      checkSize(file, reader.getWidth(0), reader.getHeight(0));
      BufferedImage image = reader.read(0);
      for (String warning : warnings) {
        // libjpeg says this where it makes pixels up.
        if (warning.contains("premature end") || warning.contains("bad Huffman code")) {
          throw new Mistake(damage(file, warning));
        }
      }
      return image;
    } finally {
      reader.dispose();
    }
  }

  private static byte[] bytes(Path file) {
    try {
      if (Files.size(file) > LARGEST_FILE) {
        throw new Mistake("File '" + file + "' is over 64 MiB; expected a small image.");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new Failure("File '" + file + "' cannot be read: " + e + ".", e);
    }
  }

  private static void checkSize(Path file, int width, int height) {
    if (width > LONGEST_SIDE || height > LONGEST_SIDE) {
      throw new Mistake(
          "File '"
              + file
              + "' is an image of "
              + width
              + "×"
              + height
              + " pixels; expected at most "
              + LONGEST_SIDE
              + " on a side: make the images smaller first.");
    }
  }

  /** Each chunk of a PNG ends in its checksum, which the decoder passes over. */
  private static String pngDamage(byte[] bytes) {
    ByteBuffer chunks = ByteBuffer.wrap(bytes).position(8);
    var sum = new CRC32();
    int type = 0;
    while (type != IEND) {
      int length = chunks.remaining() < 12 ? -1 : chunks.getInt();
      if (length < 0 || length > chunks.remaining() - 8) {
        return CUT;
      }
      sum.reset();
      sum.update(bytes, chunks.position(), 4 + length);
      type = chunks.getInt();
      chunks.position(chunks.position() + length);
      if (chunks.getInt() != (int) sum.getValue()) {
        return "a checksum within does not hold";
      }
    }
    return "";
  }

  /** Behind the last scan of a JPEG stands its end, which the decoder does without. */
  private static String jpegDamage(byte[] bytes) {
    for (int i = bytes.length - 2; i >= 0; i--) {
      if (bytes[i] == -1 && bytes[i + 1] == END) {
        return "";
      }
      if (bytes[i] == -1 && bytes[i + 1] == SCAN) {
        return CUT;
      }
    }
    return CUT;
  }

  private static String damage(Path file, String why) {
    return "File '" + file + "' is damaged (" + why + "): fetch it again.";
  }

  int width() {
    return image.getWidth();
  }

  int height() {
    return image.getHeight();
  }

  /** Whether red, green and blue are everywhere the same because the file has no colours. */
  boolean grey() {
    if (image.getColorModel() instanceof IndexColorModel palette) {
      for (int i = 0; i < palette.getMapSize(); i++) {
        if (palette.getRed(i) != palette.getGreen(i) || palette.getRed(i) != palette.getBlue(i)) {
          return false;
        }
      }
      return true;
    }
    return image.getRaster().getNumBands() <= 2;
  }

  /** Writes the planes of red, green and blue from this place on. */
  void planes(byte[] into, int from) {
    Raster raster = image.getRaster();
    int pixels = width() * height();
    for (int plane = 0; plane < 3; plane++) {
      int band = raster.getNumBands() < 3 ? 0 : plane;
      int[] values = raster.getSamples(0, 0, width(), height(), band, (int[]) null);
      int most = (1 << raster.getSampleModel().getSampleSize(band)) - 1;
      for (int i = 0; i < pixels; i++) {
        int value =
            image.getColorModel() instanceof IndexColorModel palette
                ? palette.getRGB(values[i]) >> (16 - 8 * plane)
                : values[i] * 255 / most;
        into[from + plane * pixels + i] = (byte) value;
      }
    }
  }
}
