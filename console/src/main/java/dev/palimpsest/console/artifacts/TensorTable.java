package dev.palimpsest.console.artifacts;

import dev.palimpsest.tasks.TensorSummary;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The tensors of an artifact as its summary tells of them.
 *
 * @param metadata the file's own, by name
 */
record TensorTable(
    List<Head> heads, List<Row> rows, long elements, Pager pager, Map<String, String> metadata) {
  private static final int PER_PAGE = 200;
  private static final MathContext DIGITS = new MathContext(4);
  private static final int BAR = 5;
  private static final int TALL = 20;

  /** A column that the table can be sorted by. */
  enum Key {
    NAME("Tensor", false, Comparator.comparing(TensorSummary.Entry::name)),
    SHAPE("Shape", false, Comparator.comparingLong(TensorTable::elements)),
    TYPE("Type", false, Comparator.comparing(TensorSummary.Entry::type)),
    LEAST("Least", true, Comparator.comparingDouble(TensorSummary.Entry::least)),
    MOST("Most", true, Comparator.comparingDouble(TensorSummary.Entry::most));

    private final String title;
    private final boolean number;

    @SuppressWarnings("ImmutableEnumChecker") // comparators of record components hold nothing
    private final Comparator<TensorSummary.Entry> order;

    Key(String title, boolean number, Comparator<TensorSummary.Entry> order) {
      this.title = title;
      this.number = number;
      this.order = order;
    }

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Key> of(String label) {
      return Arrays.stream(values()).filter(key -> key.label().equals(label)).findFirst();
    }
  }

  /** An order of the rows. */
  record Order(Key key, boolean descending) {}

  record Head(String name, boolean number, Optional<String> sorted, String href) {}

  /**
   * A tensor.
   *
   * @param bars the heights of its histogram, 0 to {@value #TALL}; empty where there is none
   * @param told the histogram in words
   */
  record Row(
      String name,
      String shape,
      String type,
      String least,
      String most,
      List<Bar> bars,
      String told) {}

  /** A bar of a histogram, in pixels. */
  record Bar(int x, int y, int height) {}

  /**
   * @param order empty for the file's own
   * @param url where {@code sort=name} is put behind: ends in {@code ?} or {@code &}
   */
  static TensorTable of(TensorSummary summary, Optional<Order> order, int page, String url) {
    var entries = new ArrayList<>(summary.tensors());
    order.ifPresent(
        by -> entries.sort(by.descending() ? by.key().order.reversed() : by.key().order));
    String sorted =
        order
            .map(by -> "sort=" + by.key().label() + (by.descending() ? "&desc=1" : "") + "&")
            .orElse("");
    Pager pager = Pager.of(page, PER_PAGE, entries.size(), url + sorted);
    return new TensorTable(
        Arrays.stream(Key.values()).map(key -> head(key, order, url)).toList(),
        entries.subList(pager.from(), pager.to()).stream().map(TensorTable::row).toList(),
        entries.stream().mapToLong(TensorTable::elements).sum(),
        pager,
        new TreeMap<>(summary.metadata()));
  }

  private static Head head(Key key, Optional<Order> order, String url) {
    Optional<Order> here = order.filter(by -> by.key() == key);
    boolean descend = here.map(by -> !by.descending()).orElse(false);
    return new Head(
        key.title,
        key.number,
        here.map(by -> by.descending() ? "descending" : "ascending"),
        url + "sort=" + key.label() + (descend ? "&desc=1" : ""));
  }

  private static Row row(TensorSummary.Entry entry) {
    String shape =
        entry.shape().length == 0
            ? "scalar"
            : Arrays.stream(entry.shape())
                .mapToObj(Long::toString)
                .collect(Collectors.joining(" × "));
    return new Row(
        entry.name(),
        shape,
        entry.type(),
        number(entry.least()),
        number(entry.most()),
        bars(entry),
        "Histogram from "
            + number(entry.least())
            + " to "
            + number(entry.most())
            + ": "
            + entry.histogram().stream().map(String::valueOf).collect(Collectors.joining(", ")));
  }

  private static List<Bar> bars(TensorSummary.Entry entry) {
    long tallest = entry.histogram().stream().mapToLong(Long::longValue).max().orElse(0);
    var bars = new ArrayList<Bar>();
    if (tallest == 0 || entry.least() == entry.most()) {
      return bars;
    }
    for (int i = 0; i < entry.histogram().size(); i++) {
      long count = entry.histogram().get(i);
      // What is there is seen, however little it is.
      int height = count == 0 ? 0 : (int) Math.max(1, Math.round((double) TALL * count / tallest));
      bars.add(new Bar(i * BAR, TALL - height, height));
    }
    return bars;
  }

  private static long elements(TensorSummary.Entry entry) {
    return Arrays.stream(entry.shape()).reduce(1, (a, b) -> a * b);
  }

  /** Four digits, with a true minus sign. */
  static String number(double value) {
    BigDecimal rounded = new BigDecimal(value).round(DIGITS);
    if (rounded.signum() == 0) {
      return "0";
    }
    BigDecimal plain = rounded.abs().stripTrailingZeros();
    int magnitude = plain.precision() - plain.scale();
    String text =
        magnitude < -3 || magnitude > 7
            ? String.format(Locale.ROOT, "%.2e", plain)
            : plain.toPlainString();
    return (rounded.signum() < 0 ? "\u2212" : "") + text;
  }
}
