package dev.palimpsest.cli;

import dev.palimpsest.report.Table;
import dev.palimpsest.report.TextTable;
import dev.palimpsest.workflows.RunList;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** Runs as lines of a table. */
final class RunsTable {
  private static final int SHORTEST = 8;
  private static final DateTimeFormatter THIS_YEAR =
      DateTimeFormatter.ofPattern("MM-dd HH:mm", Locale.ROOT);

  private static final List<Table.Column> COLUMNS =
      List.of(
          Table.Column.text("run"),
          Table.Column.text("study"),
          Table.Column.text("workflow"),
          right("seed"),
          Table.Column.text("state"),
          right("submitted"),
          right("took"),
          right("cached"));

  private final int idLength;
  private final InstantSource clock;
  private final ZoneId zone;

  /**
   * @param all the ids of all runs: those shown are shortened as far as they stay unique
   */
  RunsTable(List<String> all, InstantSource clock, ZoneId zone) {
    this.idLength = idLength(all);
    this.clock = clock;
    this.zone = zone;
  }

  String render(List<RunList.Line> lines, int width) {
    return TextTable.render(
        new Table("", COLUMNS, lines.stream().map(this::row).toList(), List.of()), width);
  }

  private List<Table.Cell> row(RunList.Line line) {
    var summary = line.summary();
    return List.of(
        Table.Cell.of(brief(summary.run())),
        Table.Cell.of(summary.title()),
        Table.Cell.of(summary.workflow()),
        Table.Cell.of(summary.seed()),
        Table.Cell.of(state(line.state())),
        Table.Cell.of(when(summary.submitted())),
        line.seconds() > 0 ? Table.Cell.of(took(line.seconds())) : Table.Cell.none(),
        Table.Cell.of(line.cached() + "/" + line.stages()));
  }

  /** The shortest beginning of a run's id that names it among all. */
  String brief(String run) {
    return run.substring(0, Math.min(idLength, run.length()));
  }

  /** The beginning of a run's id, for lists of other things. */
  static String start(String run) {
    return run.substring(0, Math.min(SHORTEST, run.length()));
  }

  static String state(RunList.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private String when(String submitted) {
    ZonedDateTime time = Instant.parse(submitted).atZone(zone);
    boolean thisYear = time.getYear() == clock.instant().atZone(zone).getYear();
    return thisYear ? THIS_YEAR.format(time) : time.toLocalDate().toString();
  }

  /** {@code 0:42}, {@code 12:05}, {@code 1h03}. */
  private static String took(double seconds) {
    long minutes = Math.round(seconds) / 60;
    return minutes < 60
        ? Words.clock(seconds)
        : String.format(Locale.ROOT, "%dh%02d", minutes / 60, minutes % 60);
  }

  private static int idLength(List<String> all) {
    for (int length = SHORTEST; ; length++) {
      int most = length;
      if (all.stream().allMatch(id -> id.length() <= most)
          || all.stream().map(id -> id.substring(0, Math.min(most, id.length()))).distinct().count()
              == all.size()) {
        return length;
      }
    }
  }

  private static Table.Column right(String name) {
    return new Table.Column("", name, "", 0, Table.Align.RIGHT);
  }
}
