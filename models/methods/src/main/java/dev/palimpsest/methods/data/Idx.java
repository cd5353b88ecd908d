package dev.palimpsest.methods.data;

import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The IDX files of MNIST and Fashion-MNIST: grey images as unsigned bytes behind a header of four
 * big-endian integers, labels behind one of two.
 *
 * <p>Without {@code dataset.json} the classes are named by their numbers, up to the greatest label.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Idx implements DataFormat<NoParameters> {
  private static final Pattern ANY =
      Pattern.compile("(train|t10k|test)-(images|labels)[-.]idx[13]-ubyte(\\.gz)?");
  private static final int IMAGES = 0x0803;
  private static final int LABELS = 0x0801;
  private static final long LARGEST = Integer.MAX_VALUE - 8;

  @Override
  public String name() {
    return "idx";
  }

  @Override
  public String summary() {
    return "Grey images in the IDX files of MNIST and Fashion-MNIST, plain or gzip.";
  }

  @Override
  public Citation citation() {
    return new Citation(
        "lecun1998mnist",
        "LeCun, Cortes, Burges. The MNIST database of handwritten digits. 1998.",
        """
        @misc{lecun1998mnist,
          author = {LeCun, Yann and Cortes, Corinna and Burges, Christopher J. C.},
          title = {The {MNIST} database of handwritten digits},
          year = {1998}
        }
        """);
  }

  @Override
  public Class<NoParameters> parameters() {
    return NoParameters.class;
  }

  @Override
  public String files() {
    return "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and"
        + " t10k-labels-idx1-ubyte, each plain or .gz";
  }

  @Override
  public boolean fits(DataFolder folder) {
    return !folder.matching(ANY).isEmpty();
  }

  @Override
  public Imported read(DataFolder folder, NoParameters parameters) {
    Part train = part(folder, "train", "train");
    Part test = part(folder, "test", "t10k|test");
    Description description = folder.description().orElseGet(() -> numbered(train, test));
    return new Imported(train.tensors(description, "train"), test.tensors(description, "test"));
  }

  /** Images and labels; {@code file} holds the labels. */
  private record Part(Tensor images, Tensor labels, String file) {
    Tensors tensors(Description description, String split) {
      return description.part(split, file, images, labels);
    }

    int greatestLabel() {
      int greatest = 0;
      for (byte label : labels.bytes()) {
        greatest = Math.max(greatest, Byte.toUnsignedInt(label));
      }
      return greatest;
    }
  }

  private static Part part(DataFolder folder, String split, String prefixes) {
    String usual = split.equals("train") ? "train" : "t10k";
    String imageFile =
        folder.only(
            Pattern.compile("(" + prefixes + ")-images[-.]idx3-ubyte(\\.gz)?"),
            "the " + split + " images",
            usual + "-images-idx3-ubyte[.gz]");
    String labelFile =
        folder.only(
            Pattern.compile("(" + prefixes + ")-labels[-.]idx1-ubyte(\\.gz)?"),
            "the " + split + " labels",
            usual + "-labels-idx1-ubyte[.gz]");
    Tensor images = images(folder, imageFile);
    long expected = images.shape()[0];
    try (DataFile file = folder.file(labelFile)) {
      int count = header(file, LABELS, "labels", 1)[0];
      if (count != expected) {
        throw new Mistake(
            "File '"
                + file.name()
                + "' holds "
                + Integer.toUnsignedString(count)
                + " labels; expected "
                + expected
                + ", one for each image of '"
                + imageFile
                + "'.");
      }
      byte[] labels = file.exactly(count, count + " labels");
      file.end(count + " labels");
      return new Part(images, Tensor.of(labels, count), file.name());
    }
  }

  /** The images as U8 [N, 1, H, W]. */
  private static Tensor images(DataFolder folder, String name) {
    try (DataFile file = folder.file(name)) {
      int[] sizes = header(file, IMAGES, "images", 3);
      long count = Integer.toUnsignedLong(sizes[0]);
      long height = Integer.toUnsignedLong(sizes[1]);
      long width = Integer.toUnsignedLong(sizes[2]);
      String what = count + " images of " + height + " by " + width + " pixels";
      if (count == 0 || height == 0 || width == 0) {
        throw new Mistake("File '" + file.name() + "' holds " + what + "; expected at least one.");
      }
      if (height > LARGEST / width || count > LARGEST / (height * width)) {
        throw new Mistake(
            "File '" + file.name() + "' says it holds " + what + "; expected at most 2 GB.");
      }
      byte[] pixels = file.exactly((int) (count * height * width), what);
      file.end(what);
      return Tensor.of(pixels, count, 1, height, width);
    }
  }

  /** The sizes behind the magic number. */
  private static int[] header(DataFile file, int magic, String what, int dimensions) {
    ByteBuffer header = ByteBuffer.wrap(file.exactly(4, "the magic number of IDX " + what));
    int found = header.getInt();
    if (found != magic) {
      throw new Mistake(
          "File '"
              + file.name()
              + "' is no IDX file of "
              + what
              + ": its magic number is "
              + HexFormat.of().toHexDigits(found)
              + "; expected "
              + HexFormat.of().toHexDigits(magic)
              + ".");
    }
    ByteBuffer sizes = ByteBuffer.wrap(file.exactly(4 * dimensions, "the sizes of IDX " + what));
    return IntStream.range(0, dimensions).map(i -> sizes.getInt()).toArray();
  }

  private static Description numbered(Part train, Part test) {
    int classes = 1 + Math.max(train.greatestLabel(), test.greatestLabel());
    List<String> names = IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    return new Description("idx", names, "unknown", "unknown");
  }
}
