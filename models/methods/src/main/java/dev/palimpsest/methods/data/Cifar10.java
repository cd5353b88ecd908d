package dev.palimpsest.methods.data;

import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The binary version of CIFAR-10: records of one label byte and 32×32 pixels, first all red, then
 * all green, then all blue. Training files are read in the order of their names.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class Cifar10 implements DataFormat<NoParameters> {
  private static final Pattern TRAIN =
      Pattern.compile("data_batch_\\d+\\.bin(\\.gz)?|.*train.*\\.bin(\\.gz)?");
  private static final Pattern TEST = Pattern.compile("(?!.*train).*test.*\\.bin(\\.gz)?");
  private static final int PIXELS = 3 * 32 * 32;
  private static final int RECORD = 1 + PIXELS;
  private static final int MOST = (Integer.MAX_VALUE - 8) / PIXELS;
  private static final Description PUBLISHED =
      new Description(
          "cifar10",
          List.of(
              "airplane",
              "automobile",
              "bird",
              "cat",
              "deer",
              "dog",
              "frog",
              "horse",
              "ship",
              "truck"),
          "unknown",
          "https://www.cs.toronto.edu/~kriz/cifar.html");

  @Override
  public String name() {
    return "cifar10-bin";
  }

  @Override
  public String summary() {
    return "Colour images in the binary records of CIFAR-10, plain or gzip.";
  }

  @Override
  public Citation citation() {
    return new Citation(
        "krizhevsky2009cifar",
        "Krizhevsky. Learning multiple layers of features from tiny images. University of Toronto,"
            + " 2009.",
        """
        @techreport{krizhevsky2009cifar,
          author = {Krizhevsky, Alex},
          title = {Learning multiple layers of features from tiny images},
          institution = {University of Toronto},
          year = {2009}
        }
        """);
  }

  @Override
  public Class<NoParameters> parameters() {
    return NoParameters.class;
  }

  @Override
  public String files() {
    return "data_batch_*.bin or *train*.bin, and *test*.bin, each plain or .gz";
  }

  @Override
  public boolean fits(DataFolder folder) {
    return !folder.matching(TRAIN).isEmpty() || !folder.matching(TEST).isEmpty();
  }

  @Override
  public Imported read(DataFolder folder, NoParameters parameters) {
    Description description = folder.description().orElse(PUBLISHED);
    List<String> train = folder.matching(TRAIN);
    if (train.isEmpty()) {
      throw new Mistake(
          "Folder '"
              + folder.path()
              + "' lacks the train images; expected files 'data_batch_*.bin[.gz]' or"
              + " '*train*.bin[.gz]'.");
    }
    for (String name : train) {
      if (train.contains(name + ".gz")) {
        throw new Mistake(
            "Folder '"
                + folder.path()
                + "' has both '"
                + name
                + "' and '"
                + name
                + ".gz'; expected one of them.");
      }
    }
    String test = folder.only(TEST, "the test images", "*test*.bin[.gz]");
    return new Imported(
        read(folder, "train", train, description),
        read(folder, "test", List.of(test), description));
  }

  private static Tensors read(
      DataFolder folder, String split, List<String> names, Description description) {
    var chunks = new ArrayList<byte[]>();
    int count = 0;
    for (String name : names) {
      int before = count;
      try (DataFile file = folder.file(name)) {
        for (byte[] chunk = next(file, 0); chunk.length > 0; chunk = next(file, count - before)) {
          check(file, chunk, count - before, description.classes().size());
          chunks.add(chunk);
          if (count > MOST - chunk.length / RECORD) {
            throw new Mistake(
                "File '"
                    + file.name()
                    + "' takes the data set beyond 2 GB; expected at most 2 GB.");
          }
          count += chunk.length / RECORD;
        }
        if (count == before) {
          throw new Mistake(
              "File '" + file.name() + "' is empty; expected records of " + RECORD + " bytes.");
        }
      }
    }
    byte[] pixels = new byte[count * PIXELS];
    byte[] labels = new byte[count];
    int at = 0;
    for (byte[] chunk : chunks) {
      for (int i = 0; i < chunk.length / RECORD; i++, at++) {
        labels[at] = chunk[i * RECORD];
        System.arraycopy(chunk, i * RECORD + 1, pixels, at * PIXELS, PIXELS);
      }
    }
    Tensor images = Tensor.of(pixels, count, 3, 32, 32);
    return description.part(split, String.join(", ", names), images, Tensor.of(labels, count));
  }

  /** The next at most 1,000 records; none at the file's end. */
  private static byte[] next(DataFile file, int before) {
    byte[] records = file.upTo(1000 * RECORD);
    int count = records.length / RECORD;
    if (records.length % RECORD != 0) {
      long found = (long) before * RECORD + records.length;
      long whole = before + count + 1L;
      throw new Mistake(
          "File '"
              + file.name()
              + "' is truncated: expected "
              + whole * RECORD
              + " bytes for "
              + whole
              + " images (one label and "
              + PIXELS
              + " pixels each), found "
              + found
              + ".");
    }
    return records;
  }

  private static void check(DataFile file, byte[] chunk, int before, int classes) {
    for (int i = 0; i < chunk.length / RECORD; i++) {
      int label = Byte.toUnsignedInt(chunk[i * RECORD]);
      if (label >= classes) {
        throw new Mistake(Description.beyond(file.name(), before + i, label, classes));
      }
    }
  }
}
