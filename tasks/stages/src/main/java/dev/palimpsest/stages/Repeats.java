package dev.palimpsest.stages;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What tables and figures say of repetitions with several seeds. */
final class Repeats {
  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private Repeats() {}

  /** Names of branches in the order of their numbers: {@code cell_2} before {@code cell_10}. */
  static List<String> byNumber(Collection<String> names) {
    return names.stream().sorted(Comparator.comparing(Repeats::padded)).toList();
  }

  private static String padded(String name) {
    return NUMBER
        .matcher(name)
        .replaceAll(
            number -> "0".repeat(Math.max(0, 19 - number.group().length())) + number.group());
  }

  /**
   * What the numbers are, for a line below a title.
   *
   * @param seeds of each row
   */
  static String spread(List<List<Long>> seeds) {
    List<List<Long>> distinct = seeds.stream().distinct().toList();
    if (distinct.size() == 1 && distinct.getFirst().size() == 1) {
      return "seed " + distinct.getFirst().getFirst();
    }
    return "mean and standard deviation over seeds"
        + (distinct.size() == 1 ? " " + listed(distinct.getFirst()) : "");
  }

  /**
   * What a table must add about its seeds.
   *
   * @param what the rows are, in the plural
   */
  static List<String> notes(String what, List<String> rows, List<List<Long>> seeds) {
    var notes = new ArrayList<String>();
    if (seeds.stream().distinct().count() > 1) {
      notes.add(
          "The "
              + what
              + " were run with different seeds: "
              + IntStream.range(0, rows.size())
                  .mapToObj(i -> rows.get(i) + " with " + listed(seeds.get(i)))
                  .collect(Collectors.joining("; "))
              + ".");
    }
    if (seeds.stream().anyMatch(each -> each.size() < 2)) {
      notes.add("One seed misleads: repeat with others before you believe a difference.");
    }
    return notes;
  }

  private static String listed(List<Long> seeds) {
    return seeds.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }
}
