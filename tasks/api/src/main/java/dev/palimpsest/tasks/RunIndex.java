package dev.palimpsest.tasks;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.SideBySide;
import dev.palimpsest.storage.Store;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * One small object for each run under {@code index/runs/<time>.<run>}, so that runs are listed in
 * the order of their submission without a walk over all that each of them wrote. It can be made
 * anew from the journal; {@code index/made} says that it was.
 */
final class RunIndex {
  static final String FOLDER = "index/runs/";
  private static final String MADE = "index/made";

  /** What readers found, so that the next one need not read every line again. */
  private static final String LINES = "index/lines";

  /** As many lines are worth a look at what others read; more than the second are not kept. */
  private static final int MANY = 50;

  private static final int MOST_LINES = 10_000;

  private static final int SHORTEST = 4;
  private static final int MOST_NAMED = 4;

  private final Store store;
  private final RunJournal journal;
  private final Map<String, Read> read = new ConcurrentHashMap<>();

  RunIndex(Store store, RunJournal journal) {
    this.store = store;
    this.journal = journal;
  }

  void put(RunJournal.Summary summary) {
    store.put(at(summary), Json.canonical(summary));
  }

  void remove(String run) {
    keys().stream().filter(key -> run(key).equals(run)).forEach(store::delete);
  }

  /** The ids of all runs, newest first. */
  List<String> runs() {
    return keys().stream().map(RunIndex::run).toList();
  }

  /** The newest runs, newest first. */
  List<RunJournal.Summary> summaries(int most) {
    List<Store.Stat> all = stats();
    List<Store.Stat> stats = all.stream().limit(most).toList();
    if (unread(stats).size() > MANY) {
      takeLines();
    }
    // What is new is read side by side, before all are put in order.
    List<Store.Stat> fresh = unread(stats);
    SideBySide.map(fresh, this::summary);
    if (fresh.size() > MANY) {
      keepLines(all);
    }
    return stats.stream().map(this::summary).flatMap(Optional::stream).toList();
  }

  private List<Store.Stat> unread(List<Store.Stat> stats) {
    return stats.stream()
        .filter(stat ->
            Optional.ofNullable(read.get(stat.key()))
                .filter(known -> known.version().equals(stat.version()))
                .isEmpty())
        .toList();
  }

  private void takeLines() {
    try {
      store
          .read(LINES)
          .map(bytes -> Json.read(LINES, bytes, Lines.class))
          .ifPresent(lines -> lines.byKey().forEach(read::putIfAbsent));
    } catch (Mistake | Failure e) {
      // Damaged, or of another version: the lines themselves are read, and this is written anew.
    }
  }

  /**
   * @param all the lines that there are, the newest first
   */
  private void keepLines(List<Store.Stat> all) {
    var newest = new TreeMap<String, Read>();
    all.stream()
        .limit(MOST_LINES)
        .map(Store.Stat::key)
        .forEach(key -> Optional.ofNullable(read.get(key)).ifPresent(it -> newest.put(key, it)));
    try {
      store.put(LINES, Json.canonical(new Lines(newest)));
    } catch (Failure e) {
      // A list is read without it, too.
    }
  }

  /** A line of each run by its key, as far as they are still of that version. */
  private record Lines(Map<String, Read> byKey) {}

  /** As {@link #summaries}; a line that did not change since it was read is not read again. */
  private Optional<RunJournal.Summary> summary(Store.Stat stat) {
    Read known = read.get(stat.key());
    if (known != null && known.version().equals(stat.version())) {
      return Optional.of(known.summary());
    }
    Optional<RunJournal.Summary> found = summary(stat.key());
    found.ifPresent(each -> read.put(stat.key(), new Read(stat.version(), each)));
    return found;
  }

  private record Read(String version, RunJournal.Summary summary) {}

  private Optional<RunJournal.Summary> summary(String key) {
    return store.read(key).map(bytes -> Json.read(key, bytes, RunJournal.Summary.class));
  }

  /** See {@link RunJournal#find}. */
  String find(String given) {
    String name = given.strip();
    if (name.matches("[A-Za-z0-9][A-Za-z0-9-]*") && journal.run(name).isPresent()) {
      return name;
    }
    List<String> runs = runs();
    if (name.equals("latest") || name.equals("last")) {
      return runs.stream()
          .findFirst()
          .orElseThrow(() ->
              new Mistake(
                  "There is no run in "
                      + store.where()
                      + " yet; 'palimpsest run STUDY' makes one."));
    }
    List<String> meant = runs.stream().filter(run -> run.startsWith(name)).toList();
    if (meant.isEmpty()) {
      throw new Mistake(
          "Run '" + name + "' is not in " + store.where() + "; 'palimpsest runs' lists its runs.");
    }
    if (name.length() < SHORTEST) {
      throw new Mistake(
          "'"
              + name
              + "' is too short for a run; expected at least the first "
              + SHORTEST
              + " characters of its id, or 'latest'.");
    }
    if (meant.size() > 1) {
      throw new Mistake(
          "'"
              + name
              + "' may mean "
              + meant.size()
              + " runs ("
              + meant.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
              + (meant.size() > MOST_NAMED ? ", ..." : "")
              + "); expected more of the id.");
    }
    return meant.getFirst();
  }

  /** Brings the index in line with the journal. */
  void remake() {
    // Listed first: a run that is submitted meanwhile is then indexed twice, and not dropped.
    List<String> listed = listed();
    List<String> written = store.list("runs/").stream().map(Store.Stat::key).toList();
    List<String> recorded = having("run.json", written);
    listed.stream().filter(key -> !recorded.contains(run(key))).forEach(store::delete);
    // Who wrote down an end may have died before it was in the index.
    Set<String> ended = Set.copyOf(having("end.json", written));
    Set<String> known =
        SideBySide.map(listed, this::readable).stream()
            .flatMap(Optional::stream)
            .filter(each -> each.end().isPresent() == ended.contains(each.run()))
            .map(RunJournal.Summary::run)
            .collect(Collectors.toSet());
    recorded.stream()
        .filter(run -> !known.contains(run))
        .flatMap(run -> journal.run(run).stream())
        .forEach(run -> put(RunJournal.Summary.of(run, journal.end(run.run()))));
    store.put(MADE, "{}".getBytes(StandardCharsets.UTF_8));
  }

  /** Empty for a line that is damaged: it is written anew. */
  private Optional<RunJournal.Summary> readable(String key) {
    try {
      return summary(key);
    } catch (Mistake e) {
      return Optional.empty();
    }
  }

  /** The runs of which such a file is written. */
  private static List<String> having(String file, List<String> written) {
    return written.stream()
        .filter(key -> key.endsWith("/" + file) && key.split("/", -1).length == 3)
        .map(key -> key.split("/", -1)[1])
        .toList();
  }

  /** The newest first. */
  private List<String> keys() {
    return stats().stream().map(Store.Stat::key).toList();
  }

  private List<Store.Stat> stats() {
    if (store.stat(MADE).isEmpty()) {
      remake();
    }
    return store.list(FOLDER).reversed();
  }

  private List<String> listed() {
    return store.list(FOLDER).stream().map(Store.Stat::key).toList();
  }

  private static String at(RunJournal.Summary summary) {
    long millis = Instant.parse(summary.submitted()).toEpochMilli();
    return FOLDER + "%013d".formatted(millis) + "." + summary.run();
  }

  private static String run(String key) {
    return key.substring(key.indexOf('.') + 1);
  }
}
