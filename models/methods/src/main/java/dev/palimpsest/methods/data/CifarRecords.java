package dev.palimpsest.methods.data;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The binary files of CIFAR: records of label bytes and 32×32 pixels, first all red, then all
 * green, then all blue. The last label byte is the class. Training files are read in the order of
 * their names.
 *
 * @param labels how many label bytes a record has
 */
record CifarRecords(int labels) {
  private static final Pattern TRAIN =
      Pattern.compile("data_batch_\\d+\\.bin(\\.gz)?|.*train.*\\.bin(\\.gz)?");
  private static final Pattern TEST = Pattern.compile("(?!.*train).*test.*\\.bin(\\.gz)?");
  private static final int PIXELS = 3 * 32 * 32;
  private static final int MOST = (Integer.MAX_VALUE - 8) / PIXELS;

  /** Whether the folder has such a file, by its name. */
  static boolean in(DataFolder folder) {
    return !folder.matching(TRAIN).isEmpty() || !folder.matching(TEST).isEmpty();
  }

  Imported read(DataFolder folder, Description description) {
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

  private int bytes() {
    return labels + PIXELS;
  }

  private Tensors read(
      DataFolder folder, String split, List<String> names, Description description) {
    var chunks = new ArrayList<byte[]>();
    int count = 0;
    for (String name : names) {
      int before = count;
      try (DataFile file = folder.file(name)) {
        for (byte[] chunk = next(file, 0); chunk.length > 0; chunk = next(file, count - before)) {
          check(file, chunk, count - before, description.classes().size());
          chunks.add(chunk);
          if (count > MOST - chunk.length / bytes()) {
            throw new Mistake(
                "File '"
                    + file.name()
                    + "' takes the data set beyond 2 GB; expected at most 2 GB.");
          }
          count += chunk.length / bytes();
        }
        if (count == before) {
          throw new Mistake(
              "File '" + file.name() + "' is empty; expected records of " + bytes() + " bytes.");
        }
      }
    }
    byte[] pixels = new byte[count * PIXELS];
    byte[] classes = new byte[count];
    int at = 0;
    for (byte[] chunk : chunks) {
      for (int i = 0; i < chunk.length / bytes(); i++, at++) {
        classes[at] = chunk[i * bytes() + labels - 1];
        System.arraycopy(chunk, i * bytes() + labels, pixels, at * PIXELS, PIXELS);
      }
    }
    Tensor images = Tensor.of(pixels, count, 3, 32, 32);
    return description.part(split, String.join(", ", names), images, Tensor.of(classes, count));
  }

  /** The next at most 1,000 records; none at the file's end. */
  private byte[] next(DataFile file, int before) {
    byte[] records = file.upTo(1000 * bytes());
    int count = records.length / bytes();
    if (records.length % bytes() != 0) {
      long found = (long) before * bytes() + records.length;
      long whole = before + count + 1L;
      throw new Mistake(
          "File '"
              + file.name()
              + "' is truncated: expected "
              + whole * bytes()
              + " bytes for "
              + whole
              + " images ("
              + (labels == 1 ? "one label" : labels + " labels")
              + " and "
              + PIXELS
              + " pixels each), found "
              + found
              + ".");
    }
    return records;
  }

  private void check(DataFile file, byte[] chunk, int before, int classes) {
    for (int i = 0; i < chunk.length / bytes(); i++) {
      int label = Byte.toUnsignedInt(chunk[i * bytes() + labels - 1]);
      if (label >= classes) {
        throw new Mistake(Description.beyond(file.name(), before + i, label, classes));
      }
    }
  }
}
