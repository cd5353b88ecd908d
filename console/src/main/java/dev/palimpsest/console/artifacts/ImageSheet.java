package dev.palimpsest.console.artifacts;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.SafetensorsHeader;
import dev.palimpsest.tensors.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A page of a data set's images. They are drawn from one picture that holds all of a page, eight in
 * a row.
 *
 * @param total how many images there are, of the class that is shown if there is one
 * @param classes how many images of each; empty where labels are too many to be counted
 * @param src the picture
 */
record ImageSheet(
    long total,
    String shape,
    List<ClassCount> classes,
    Optional<Integer> label,
    List<Cell> cells,
    Size size,
    String src,
    Pager pager,
    String all) {
  static final int PER_PAGE = 64;
  static final int PER_ROW = 8;

  /** Labels beyond these are read page by page only. */
  private static final int MOST_LABELS = 250_000;

  /** Pixels of a picture: more would be a picture that is worth no preview. */
  private static final long MOST_PIXELS = 1L << 20;

  /** A class and how many images it has. */
  record ClassCount(int label, String name, long images, boolean shown, String href) {}

  /**
   * An image within the picture.
   *
   * @param place its place in the data set
   */
  record Cell(int place, int x, int y, String caption) {}

  /** Sizes in pixels: of an image, and of the whole picture. */
  record Size(int width, int height, int sheetWidth, int sheetHeight) {
    static Size of(long[] image, int images) {
      int rows = (images + PER_ROW - 1) / PER_ROW;
      int columns = Math.min(PER_ROW, Math.max(1, images));
      return new Size(
          (int) image[2], (int) image[1], columns * (int) image[2], rows * (int) image[1]);
    }
  }

  /** Which images a page has. */
  record Choice(Optional<Integer> label, int page) {}

  /** Whether the file holds images that can be shown. */
  static boolean in(TensorFile file) {
    return file.entry("images").filter(ImageSheet::drawable).isPresent()
        && file.entry("labels").filter(labels -> labels.type() == Tensor.Type.I64).isPresent();
  }

  private static boolean drawable(SafetensorsHeader.Entry images) {
    List<Long> shape = images.shape();
    return images.type() == Tensor.Type.U8
        && shape.size() == 4
        && (shape.get(1) == 1 || shape.get(1) == 3)
        && shape.get(2) > 0
        && shape.get(3) > 0
        && shape.get(2) * shape.get(3) * shape.get(1) <= MOST_PIXELS;
  }

  static ImageSheet of(TensorFile file, Choice choice) {
    String at = "/artifacts/" + file.reference().sha256().hex();
    List<String> names = classes(file);
    long[] labels = labels(file);
    List<Integer> places = places(file, choice, labels);
    int total = total(file, choice, labels);
    String filter = choice.label().map(label -> "label=" + label + "&").orElse("");
    Pager pager = Pager.of(choice.page(), PER_PAGE, total, at + "?" + filter);
    var cells = new ArrayList<Cell>();
    long[] image = image(file);
    long[] shown =
        labels.length > 0
            ? places.stream().mapToLong(place -> labels[place]).toArray()
            : places.isEmpty()
                ? labels
                : file.rows("labels", places.getFirst(), places.size()).longs();
    for (int i = 0; i < places.size(); i++) {
      cells.add(
          new Cell(
              places.get(i),
              i % PER_ROW * (int) image[2],
              i / PER_ROW * (int) image[1],
              name(names, shown[i])));
    }
    return new ImageSheet(
        total,
        (image[0] == 1 ? "grey" : "colour") + ", " + image[2] + " × " + image[1] + " pixels",
        counts(labels, names, choice, at),
        choice.label(),
        cells,
        Size.of(image, places.size()),
        at + "/sheet.png?" + filter + "page=" + pager.page(),
        pager,
        at);
  }

  /** The picture of a page. */
  static Tensor picture(TensorFile file, Choice choice) {
    return tiled(images(file, places(file, choice, labels(file))));
  }

  /** The images at these places, which ascend. */
  static Tensor images(TensorFile file, List<Integer> places) {
    long[] shape = image(file);
    int row = (int) (shape[0] * shape[1] * shape[2]);
    byte[] picked = new byte[places.size() * row];
    // Neighbours are read at once; a gap smaller than 64 kB costs less than another request.
    int gap = Math.max(1, (64 << 10) / row);
    for (int from = 0; from < places.size(); ) {
      int to = from + 1;
      while (to < places.size() && places.get(to) - places.get(to - 1) <= gap) {
        to++;
      }
      int first = places.get(from);
      byte[] read = file.rows("images", first, places.get(to - 1) - first + 1).bytes();
      for (int i = from; i < to; i++) {
        System.arraycopy(read, (places.get(i) - first) * row, picked, i * row, row);
      }
      from = to;
    }
    return Tensor.of(picked, places.size(), shape[0], shape[1], shape[2]);
  }

  /** The images side by side, {@link #PER_ROW} in a row, as one image [1, c, h, w]. */
  static Tensor tiled(Tensor images) {
    long[] shape = images.shape();
    int n = (int) shape[0];
    int channels = (int) shape[1];
    int height = (int) shape[2];
    int width = (int) shape[3];
    Size size = Size.of(Arrays.copyOfRange(shape, 1, 4), n);
    byte[] from = images.bytes();
    byte[] to = new byte[channels * size.sheetHeight() * size.sheetWidth()];
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < channels; c++) {
        for (int y = 0; y < height; y++) {
          int line = c * size.sheetHeight() + i / PER_ROW * height + y;
          System.arraycopy(
              from,
              ((i * channels + c) * height + y) * width,
              to,
              line * size.sheetWidth() + i % PER_ROW * width,
              width);
        }
      }
    }
    return Tensor.of(to, 1, channels, size.sheetHeight(), size.sheetWidth());
  }

  /** [channels, height, width]. */
  static long[] image(TensorFile file) {
    return file.entry("images").orElseThrow().shape().stream()
        .skip(1)
        .mapToLong(each -> each)
        .toArray();
  }

  /** The names of the classes; none where the file has none. */
  static List<String> classes(TensorFile file) {
    String classes = file.header().metadata().getOrDefault("classes", "[]");
    try {
      return Arrays.asList(Json.read("the classes", classes, String[].class));
    } catch (Mistake e) {
      return List.of();
    }
  }

  static String name(List<String> classes, long label) {
    return label >= 0 && label < classes.size() ? classes.get((int) label) : "class " + label;
  }

  /** All labels; none where they are too many. */
  private static long[] labels(TensorFile file) {
    long count = file.entry("labels").orElseThrow().shape().getFirst();
    return count <= MOST_LABELS ? file.tensor("labels").longs() : new long[0];
  }

  private static int total(TensorFile file, Choice choice, long[] labels) {
    return choice
        .label()
        .map(label -> (int) Arrays.stream(labels).filter(each -> each == label).count())
        .orElseGet(() -> file.entry("images").orElseThrow().shape().getFirst().intValue());
  }

  private static List<Integer> places(TensorFile file, Choice choice, long[] labels) {
    int total = total(file, choice, labels);
    Pager pager = Pager.of(choice.page(), PER_PAGE, total, "");
    return choice
        .label()
        .map(label -> IntStream.range(0, labels.length).filter(i -> labels[i] == label))
        .orElseGet(() -> IntStream.range(0, total))
        .skip(pager.from())
        .limit(PER_PAGE)
        .boxed()
        .toList();
  }

  private static List<ClassCount> counts(
      long[] labels, List<String> names, Choice choice, String at) {
    int classes =
        Math.max(names.size(), (int) Math.min(1000, Arrays.stream(labels).max().orElse(-1) + 1));
    long[] counts = new long[classes];
    for (long label : labels) {
      if (label >= 0 && label < classes) {
        counts[(int) label]++;
      }
    }
    return IntStream.range(0, labels.length == 0 ? 0 : classes)
        .mapToObj(label ->
            new ClassCount(
                label,
                name(names, label),
                counts[label],
                choice.label().equals(Optional.of(label)),
                at + "?label=" + label))
        .toList();
  }
}
