package dev.palimpsest.methods.data;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The image files of a data set's part and their labels, in the order in which they were added.
 * Decoded one by one into one array.
 */
final class Pictures {
  private final List<Path> files = new ArrayList<>();
  private final List<Integer> labels = new ArrayList<>();

  void add(Path file, int label) {
    files.add(file);
    labels.add(label);
  }

  /**
   * Reads both parts of a data set: grey if every image is.
   *
   * @throws Mistake naming the file that is damaged, or of another size than the first one
   */
  static Imported read(Description description, Pictures train, Pictures test) {
    Picture first = Picture.read(train.files.getFirst());
    Decoded training = train.decoded(first);
    Decoded testing = test.decoded(first);
    boolean grey = training.grey() && testing.grey();
    return new Imported(
        description.part("train", training.tensor(grey), train.numbers()),
        description.part("test", testing.tensor(grey), test.numbers()));
  }

  private long[] numbers() {
    return labels.stream().mapToLong(Integer::longValue).toArray();
  }

  /** Planes of red, green and blue, image by image. */
  private record Decoded(ByteBuffer planes, int count, int height, int width, boolean grey) {
    Tensor tensor(boolean grey) {
      return grey ? firstPlanes() : images(3);
    }

    /** Where all planes of an image are the same; moved together within the one array. */
    private Tensor firstPlanes() {
      int plane = height * width;
      for (int i = 1; i < count; i++) {
        planes.put(i * plane, planes, 3 * i * plane, plane);
      }
      return images(1);
    }

    private Tensor images(int channels) {
      return new Tensor(
          Tensor.Type.U8,
          new long[] {count, channels, height, width},
          planes.slice(0, count * channels * height * width));
    }
  }

  private Decoded decoded(Picture first) {
    int stride = 3 * first.height() * first.width();
    if (files.size() > (Integer.MAX_VALUE - 8) / stride) {
      throw new Mistake(
          files.size()
              + " images like '"
              + first.file()
              + "' take more than 2 GB; expected fewer or smaller ones.");
    }
    byte[] planes = new byte[files.size() * stride];
    boolean grey = true;
    for (int i = 0; i < files.size(); i++) {
      Picture picture = Picture.read(files.get(i));
      if (picture.width() != first.width() || picture.height() != first.height()) {
        throw new Mistake(
            "File '"
                + picture.file()
                + "' is an image of "
                + size(picture)
                + " pixels; expected "
                + size(first)
                + ", as '"
                + first.file()
                + "' is.");
      }
      grey &= picture.grey();
      picture.planes(planes, i * stride);
    }
    return new Decoded(ByteBuffer.wrap(planes), files.size(), first.height(), first.width(), grey);
  }

  private static String size(Picture picture) {
    return picture.width() + "×" + picture.height();
  }
}
