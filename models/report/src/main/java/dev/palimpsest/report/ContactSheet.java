package dev.palimpsest.report;

import dev.palimpsest.tensors.Tensor;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Small images in labelled rows, one below the other, such as clean images, the same poisoned, and
 * their difference. More images than fit side by side continue in a further block below.
 *
 * @param title may be empty
 * @param subtitle one line below the title; may be empty
 * @param rows at least one, all with equally many images of one size
 */
public record ContactSheet(String title, String subtitle, List<Row> rows) {
  private static final int PER_LINE = 10;
  private static final double CELL = 64;
  private static final double GAP = 8;
  private static final double PADDING = 20;
  private static final double CAPTION = 18;
  private static final double CAPTION_SIZE = 10;

  /**
   * A row of images.
   *
   * @param label what they are; printed at the left
   * @param images U8 [N, C, H, W], C 1 or 3
   * @param captions one below each image, such as the names of the classes; empty for none
   */
  public record Row(String label, Tensor images, List<String> captions) {
    /** Throws {@link IllegalArgumentException} when there are neither 0 nor N captions. */
    public Row {
      captions = List.copyOf(captions);
      if (images.shape().length != 4) {
        throw new IllegalArgumentException(
            "row '"
                + label
                + "' has shape "
                + Arrays.toString(images.shape())
                + "; expected [N, C, H, W]");
      }
      if (!captions.isEmpty() && captions.size() != images.shape()[0]) {
        throw new IllegalArgumentException(
            "row '"
                + label
                + "' has "
                + captions.size()
                + " captions for "
                + images.shape()[0]
                + " images");
      }
    }

    /** Images without captions. */
    public Row(String label, Tensor images) {
      this(label, images, List.of());
    }
  }

  /** Throws {@link IllegalArgumentException} when the rows differ in number or size of images. */
  public ContactSheet {
    rows = List.copyOf(rows);
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("contact sheet '" + title + "' has no rows");
    }
    long[] shape = rows.getFirst().images().shape();
    for (Row row : rows) {
      if (!Arrays.equals(row.images().shape(), shape)) {
        throw new IllegalArgumentException(
            "row '"
                + row.label()
                + "' has shape "
                + Arrays.toString(row.images().shape())
                + "; expected "
                + Arrays.toString(shape)
                + " as in the first row");
      }
    }
  }

  /**
   * How far two batches lie apart: {@code min(255, amplification * |a - b|)} for each pixel.
   *
   * @param a U8, any shape
   * @param b U8, the same shape
   * @param amplification at least 1
   */
  public static Tensor difference(Tensor a, Tensor b, int amplification) {
    if (!Arrays.equals(a.shape(), b.shape())) {
      throw new IllegalArgumentException(
          "images of shapes "
              + Arrays.toString(a.shape())
              + " and "
              + Arrays.toString(b.shape())
              + " cannot be compared");
    }
    byte[] first = a.bytes();
    byte[] second = b.bytes();
    byte[] difference = new byte[first.length];
    for (int i = 0; i < difference.length; i++) {
      int apart = Math.abs(Byte.toUnsignedInt(first[i]) - Byte.toUnsignedInt(second[i]));
      difference[i] = (byte) Math.min(255, (long) amplification * apart);
    }
    return Tensor.of(difference, a.shape());
  }

  /** The sheet as an SVG drawing that carries its images within. */
  public String svg(Theme theme) {
    long[] shape = rows.getFirst().images().shape();
    int images = Math.toIntExact(shape[0]);
    // Whole multiples keep every pixel of an image a square of one size.
    double scale = Math.max(1, Math.rint(CELL / Math.max(shape[2], shape[3])));
    double imageWidth = scale * shape[3];
    double imageHeight = scale * shape[2];
    double labels =
        Math.rint(
            16
                + rows.stream()
                    .mapToDouble(r -> TextWidth.of(r.label(), Theme.MEDIUM))
                    .max()
                    .orElse(0));
    int columns = Math.max(1, Math.min(PER_LINE, images));
    int blocks = Math.max(1, (images + PER_LINE - 1) / PER_LINE);
    double captions =
        rows.stream()
            .flatMap(row -> row.captions().stream())
            .mapToDouble(caption -> TextWidth.of(caption, CAPTION_SIZE))
            .max()
            .orElse(0);
    double cell = Math.rint(Math.max(imageWidth, Math.min(captions, 1.5 * imageWidth)));
    double step = cell + GAP;
    var heading = new Heading(title, subtitle);
    double line = labels + columns * step - GAP;
    double width = Math.ceil(2 * PADDING + Math.max(line, Math.min(480, heading.width())));
    double top = PADDING + heading.height();
    double blockHeight = -GAP;
    for (Row row : rows) {
      blockHeight += height(row, imageHeight);
    }
    double height = top + blocks * blockHeight + (blocks - 1) * 2 * GAP + PADDING;

    var svg = new Svg(width, height, title.isEmpty() ? "images" : title, theme);
    heading.draw(svg, theme, PADDING, width - 2 * PADDING);
    for (int block = 0; block < blocks; block++) {
      double y = top + block * (blockHeight + 2 * GAP);
      for (Row row : rows) {
        svg.text(PADDING, y + imageHeight / 2 + 4, "start", theme.text())
            .with("font-size", Theme.MEDIUM)
            .end(row.label());
        for (int i = block * PER_LINE; i < Math.min(images, (block + 1) * PER_LINE); i++) {
          double centre = PADDING + labels + (i - block * PER_LINE) * step + cell / 2;
          double x = Math.rint(centre - imageWidth / 2);
          svg.begin("image")
              .with("x", x)
              .with("y", y)
              .with("width", imageWidth)
              .with("height", imageHeight)
              .with("image-rendering", "pixelated")
              .with("href", "data:image/png;base64," + base64(Png.of(row.images(), i)))
              .end();
          // A frame, without which a white corner would be lost on the page.
          svg.begin("rect")
              .with("x", x - 0.5)
              .with("y", y - 0.5)
              .with("width", imageWidth + 1)
              .with("height", imageHeight + 1)
              .with("fill", "none")
              .with("stroke", theme.strong())
              .end();
          if (!row.captions().isEmpty()) {
            svg.text(centre, y + imageHeight + 13, "middle", theme.muted())
                .with("font-size", CAPTION_SIZE)
                .end(TextWidth.fit(row.captions().get(i), CAPTION_SIZE, step - 2));
          }
        }
        y += height(row, imageHeight);
      }
    }
    return svg.finish();
  }

  private static double height(Row row, double imageHeight) {
    return imageHeight + (row.captions().isEmpty() ? 0 : CAPTION) + GAP;
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
