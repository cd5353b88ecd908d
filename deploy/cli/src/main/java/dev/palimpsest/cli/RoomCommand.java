package dev.palimpsest.cli;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.report.Table;
import dev.palimpsest.report.TextTable;
import dev.palimpsest.storage.GarbageCollector.Count;
import dev.palimpsest.tasks.Room;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what takes room. */
@Command(
    name = "du",
    description = {
      "Shows how much room runs and artifacts take in the store, and local mode on the disk.",
      "A run's own artifacts are those that no other run refers to: what removing it sets free."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {"", "Examples:", "  palimpsest du", "  palimpsest du -n 100 --json"})
final class RoomCommand implements Callable<Integer> {
  private final Session session;

  @Option(
      names = "-n",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "At most so many runs, those with most of their own (default: ${DEFAULT-VALUE}).")
  private int most;

  @Option(names = "--json", description = "As JSON: bytes, and whole ids.")
  private boolean json;

  @Mixin private Servers servers = new Servers();

  RoomCommand(Session session) {
    this.session = session;
  }

  /** A run as JSON shows it. */
  private record Told(String run, String study, long own, long shared) {}

  /** All as JSON. */
  private record All(
      List<Told> runs,
      Map<String, Count> types,
      Map<String, Count> others,
      Map<String, Long> disk) {}

  @Override
  public Integer call() {
    if (most < 1) {
      throw new Mistake("-n is " + most + "; expected 1 or more.");
    }
    try (Backend backend = session.backends().store(servers, false)) {
      Room room = Room.of(backend.store());
      Map<String, Long> disk = servers.s3().isPresent() ? Map.of() : disk(servers.home());
      List<Room.Share> runs = room.runs().stream().limit(most).toList();
      if (json) {
        List<Told> told =
            runs.stream()
                .map(each ->
                    new Told(each.run().run(), each.run().title(), each.own(), each.shared()))
                .toList();
        session.out().print(Json.pretty(new All(told, room.types(), room.others(), disk)));
        return 0;
      }
      show("run", runs(runs), "study", "own", "shared");
      show("artifacts", counts(room.types()), "objects", "size");
      show("besides", counts(room.others()), "objects", "size");
      if (!disk.isEmpty()) {
        List<List<String>> rows = new ArrayList<>();
        disk.forEach((name, bytes) -> rows.add(List.of(name, Words.size(bytes))));
        show("in " + servers.home(), rows, "size");
      }
      return 0;
    }
  }

  private void show(String first, List<List<String>> rows, String... others) {
    if (rows.isEmpty()) {
      return;
    }
    List<Table.Column> columns = new ArrayList<>(List.of(Table.Column.text(first)));
    for (String name : others) {
      boolean text = name.equals("study");
      columns.add(
          text ? Table.Column.text(name) : new Table.Column("", name, "", 0, Table.Align.RIGHT));
    }
    List<List<Table.Cell>> cells =
        rows.stream().map(row -> row.stream().map(Table.Cell::of).toList()).toList();
    Table table = new Table("", columns, cells, List.of());
    session.out().print(TextTable.render(table, session.terminal().get().columns()));
  }

  private static List<List<String>> runs(List<Room.Share> runs) {
    return runs.stream()
        .map(each ->
            List.of(
                RunsTable.start(each.run().run()),
                each.run().title(),
                Words.size(each.own()),
                Words.size(each.shared())))
        .toList();
  }

  private static List<List<String>> counts(Map<String, Count> counts) {
    List<List<String>> rows = new ArrayList<>();
    counts.forEach((name, count) ->
        rows.add(List.of(name, Long.toString(count.objects()), Words.size(count.bytes()))));
    return rows;
  }

  /** The bytes of each folder in the home folder. */
  private static Map<String, Long> disk(Path home) {
    Map<String, Long> disk = new LinkedHashMap<>();
    try (Stream<Path> folders = Files.list(home)) {
      for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
        disk.put(folder.getFileName().toString(), bytes(folder));
      }
      return disk;
    } catch (IOException | UncheckedIOException e) {
      return disk;
    }
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      // What is removed meanwhile counts as nothing.
      return files.mapToLong(file -> Files.isRegularFile(file) ? file.toFile().length() : 0).sum();
    }
  }
}
