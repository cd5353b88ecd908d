package dev.palimpsest.cli;

import dev.palimpsest.report.Table;
import dev.palimpsest.report.TextTable;
import dev.palimpsest.storage.GarbageCollector;
import dev.palimpsest.storage.GarbageCollector.Count;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Removes what nothing refers to. */
@Command(
    name = "gc",
    description = {
      "Removes from the store what no run and no import refers to; runs stay, pinned or not.",
      "Studies and workers may run meanwhile."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  palimpsest gc --dry-run",
      "  palimpsest gc --grace 1h",
    })
final class CollectCommand implements Callable<Integer> {
  private final Session session;

  @Option(
      names = {"-n", "--dry-run"},
      description = "Only show what would go.")
  private boolean dryRun;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "24h",
      description =
          "Keep what is younger, such as 2d, 24h or 30m (default: ${DEFAULT-VALUE}). Less than a"
              + " stage takes is for times when nothing runs.")
  private String grace;

  @Mixin private Servers servers = new Servers();

  CollectCommand(Session session) {
    this.session = session;
    this.grace = "";
  }

  @Override
  public Integer call() {
    Duration kept = Words.time("--grace", grace);
    try (Backend backend = session.backends().store(servers, false)) {
      var collector = new GarbageCollector(backend.store(), kept);
      SortedMap<String, Count> counts = dryRun ? collector.look() : collector.collect();
      if (!dryRun) {
        backend.journal().reindex();
      }
      if (counts.isEmpty()) {
        session
            .out()
            .println("Nothing to remove: all is referred to, or younger than " + grace + ".");
      } else {
        session.out().print(table(counts));
      }
      return 0;
    }
  }

  private String table(SortedMap<String, Count> counts) {
    List<List<Table.Cell>> rows = new ArrayList<>();
    counts.forEach((kind, count) -> rows.add(row(kind, count)));
    long objects = counts.values().stream().mapToLong(Count::objects).sum();
    long bytes = counts.values().stream().mapToLong(Count::bytes).sum();
    rows.add(row("together", new Count(objects, bytes)));
    var columns =
        List.of(
            Table.Column.text(dryRun ? "would be removed" : "removed"),
            new Table.Column("", "objects", "", 0, Table.Align.RIGHT),
            new Table.Column("", "size", "", 0, Table.Align.RIGHT));
    return TextTable.render(
        new Table("", columns, rows, List.of()), session.terminal().get().columns());
  }

  private static List<Table.Cell> row(String kind, Count count) {
    return List.of(
        Table.Cell.of(kind),
        Table.Cell.of(Long.toString(count.objects())),
        Table.Cell.of(Words.size(count.bytes())));
  }
}
