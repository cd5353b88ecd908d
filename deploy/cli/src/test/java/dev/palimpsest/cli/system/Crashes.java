package dev.palimpsest.cli.system;

import dev.palimpsest.base.Digest;
import dev.palimpsest.storage.S3Store;
import dev.palimpsest.storage.Store;
import dev.palimpsest.workflows.RunView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;

/**
 * Runs a small study while its processes are killed at instants that a seed decides, and says what
 * is not as it would be without.
 *
 * <p>When a study ends before all kills are done, another one with the next seed of its own starts.
 */
final class Crashes {
  private static final int WORKERS = 2;
  private static final int LONGEST_PAUSE_MILLIS = 5000;

  /** Who is killed. */
  enum Victim {
    WORKER_1,
    WORKER_2,
    CONDUCTOR,
    SUPERVISOR
  }

  /**
   * One kill to come.
   *
   * @param pause since the study began or the former victim was back
   */
  record Kill(Victim victim, Duration pause) {}

  /** One kill that was done. */
  record Killed(Victim victim, LocalDateTime at) {}

  /**
   * What came of it.
   *
   * @param studies how many studies it took
   * @param computations stages computed, those included that a kill cut short
   * @param stages different stages computed
   * @param faults what is wrong, a sentence each
   */
  record Outcome(
      List<Killed> kills, int studies, int computations, long stages, List<String> faults) {}

  private final Path folder;
  private final Deque<Kill> left;
  private final List<Killed> killed = new ArrayList<>();
  private final List<Map<String, Digest>> digests = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  private Crashes(long seed, int kills, Path folder) {
    this.folder = folder;
    this.left = new ArrayDeque<>(schedule(seed, kills));
  }

  /** The kills of a seed; of two numbers of kills the smaller one's are the larger one's first. */
  static List<Kill> schedule(long seed, int kills) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    return Stream.generate(() ->
            new Kill(
                Victim.values()[random.nextInt(Victim.values().length)],
                Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS))))
        .limit(kills)
        .toList();
  }

  /** Kills as often as told; {@code folder} keeps the logs. */
  static Outcome of(long seed, int kills, Path folder) {
    return new Crashes(seed, kills, folder).run();
  }

  private Outcome run() {
    Path home = folder.resolve("disturbed");
    try (Supervisor supervisor = Supervisor.up(home, WORKERS)) {
      while (!left.isEmpty() && faults.isEmpty()) {
        disturbed(supervisor);
      }
      S3Store store = supervisor.system().store();
      faults.addAll(half(store));
      faults.addAll(leftBehind(store));
    }
    Computations computations = Computations.of(home.resolve("workers"));
    faults.addAll(computations.unexplained(killed));
    compare();
    return new Outcome(
        List.copyOf(killed),
        digests.size(),
        computations.count(),
        computations.stages(),
        List.copyOf(faults));
  }

  private void disturbed(Supervisor supervisor) {
    String run = supervisor.system().start(LocalSystem.QUICKSTART, settings(digests.size() + 1));
    while (!left.isEmpty() && pause(supervisor, run, left.element().pause())) {
      kill(supervisor, left.remove().victim());
    }
    RunView view = supervisor.system().awaitEnd(run);
    if (view.state() == RunView.State.COMPLETED) {
      digests.add(supervisor.system().digests(run));
    } else {
      faults.add(
          "run " + run + " ended as " + view.state() + ": " + view.error().orElse("no reason"));
    }
  }

  private static String[] settings(int study) {
    return Stream.concat(Stream.of(LocalSystem.SMALL), Stream.of("seed=" + study))
        .toArray(String[]::new);
  }

  /** Waits; false if the run ended meanwhile. */
  private static boolean pause(Supervisor supervisor, String run, Duration pause) {
    long end = System.nanoTime() + pause.toNanos();
    do {
      if (supervisor.system().view(run).state().ended()) {
        return false;
      }
      Supervisor.sleep(Duration.ofMillis(20));
    } while (System.nanoTime() < end);
    return true;
  }

  private void kill(Supervisor supervisor, Victim victim) {
    killed.add(new Killed(victim, LocalDateTime.now()));
    switch (victim) {
      case WORKER_1 -> supervisor.killWorker("local-1");
      case WORKER_2 -> supervisor.killWorker("local-2");
      case CONDUCTOR -> supervisor.killConductor();
      case SUPERVISOR -> supervisor.killItself();
    }
  }

  /** Objects whose bytes are not those that their names promise. */
  private static List<String> half(S3Store store) {
    return store.list("blobs/").stream()
        .map(Store.Stat::key)
        .filter(key -> {
          Digest found = Digest.of(store.read(key).orElseThrow());
          return !key.endsWith("/" + found.hex());
        })
        .map(key -> key + " is visible with other bytes than its own")
        .toList();
  }

  private static List<String> leftBehind(S3Store store) {
    return Stream.of("claims/", "progress/")
        .flatMap(prefix -> store.list(prefix).stream())
        .map(left -> left.key() + " stayed behind")
        .toList();
  }

  private void compare() {
    if (digests.isEmpty()) {
      return;
    }
    try (LocalSystem system = LocalSystem.up(folder.resolve("undisturbed"), WORKERS)) {
      for (int study = 1; study <= digests.size(); study++) {
        Map<String, Digest> expected =
            system.digests(system.start(LocalSystem.QUICKSTART, settings(study)));
        Map<String, Digest> found = digests.get(study - 1);
        if (!found.equals(expected)) {
          faults.add("study " + study + " gave " + found + "; undisturbed " + expected);
        }
      }
    }
  }

  /**
   * By hand: {@code SEED KILLS [FOLDER]}; several seeds are written {@code FIRST-LAST}. Ends with 1
   * at the first seed with a fault, and keeps its folder.
   */
  public static void main(String[] arguments) throws IOException {
    String[] seeds = arguments[0].split("-");
    int kills = Integer.parseInt(arguments[1]);
    Path folder =
        arguments.length > 2
            ? Files.createDirectories(Path.of(arguments[2]).toAbsolutePath())
            : Files.createTempDirectory("palimpsest-crashes-");
    for (long seed = Long.parseLong(seeds[0]);
        seed <= Long.parseLong(seeds[seeds.length - 1]);
        seed++) {
      long start = System.nanoTime();
      Path own = folder.resolve("seed-" + seed);
      Outcome outcome = of(seed, kills, own);
      System.out.println(line(seed, outcome, (System.nanoTime() - start) / 1_000_000_000));
      if (!outcome.faults().isEmpty()) {
        outcome.faults().forEach(System.out::println);
        System.out.println("The logs are in " + own + ".");
        System.exit(1);
      }
      delete(own);
    }
    System.exit(0);
  }

  private static String line(long seed, Outcome outcome, long seconds) {
    var victims = new EnumMap<Victim, Integer>(Victim.class);
    outcome.kills().forEach(kill -> victims.merge(kill.victim(), 1, Integer::sum));
    return "seed %d: %d kills %s, %d studies, %d stages computed %d times, %d faults, %d s"
        .formatted(
            seed,
            outcome.kills().size(),
            victims,
            outcome.studies(),
            outcome.stages(),
            outcome.computations(),
            outcome.faults().size(),
            seconds);
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
