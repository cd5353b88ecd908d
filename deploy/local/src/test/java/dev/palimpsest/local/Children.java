package dev.palimpsest.local;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Programs that the tests run as processes of their own. */
final class Children {
  private static final List<String> SMALL =
      List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private Children() {}

  /** The command of a guarded child on this class path. */
  static List<String> guarded(Class<?> main, String... arguments) {
    return JavaCommand.guarded(
        SMALL, System.getProperty("java.class.path"), main.getName(), List.of(arguments));
  }

  /** Starts a JVM on this class path without a guard; its words come through its output. */
  static Process start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(JavaCommand.java().toString());
    command.addAll(SMALL);
    command.addAll(
        List.of(
            "-Dpalimpsest.conductor.path=" + System.getProperty("palimpsest.conductor.path"),
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  /** Sleeps; with {@code hang} it also refuses to leave its shutdown hooks. */
  static final class Sleeper {
    private Sleeper() {}

    public static void main(String[] args) throws Exception {
      if (args.length > 0 && args[0].equals("hang")) {
        Runtime.getRuntime().addShutdownHook(new Thread(Sleeper::sleep));
      }
      System.out.println("asleep");
      sleep();
    }

    private static void sleep() {
      try {
        Thread.sleep(120_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Collects its garbage, says so and sleeps. */
  static final class Collector {
    private Collector() {}

    public static void main(String[] args) throws Exception {
      for (int i = 0; i < 3; i++) {
        System.gc();
        Thread.sleep(100);
      }
      System.out.println("collected");
      Sleeper.sleep();
    }
  }

  /** Starts a supervised sleeper, says its process id and sleeps too. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] args) throws Exception {
      Path log = Path.of(args[0]);
      Supervised child =
          Supervised.start(
              "sleeper",
              guarded(Sleeper.class, List.of(args).subList(1, args.length).toArray(String[]::new)),
              System.getenv(),
              log,
              Listener.SILENT);
      while (!Files.exists(log) || !Files.readString(log).contains("asleep")) {
        Thread.sleep(20);
      }
      System.out.println(child.pid());
      Sleeper.sleep();
    }
  }

  /** Takes the lock of a home folder and sleeps. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws Exception {
      try (HomeLock lock = HomeLock.take(Path.of(args[0]))) {
        System.out.println("holds " + lock.getClass().getSimpleName());
        Sleeper.sleep();
      }
    }
  }

  /** Prepares Conductor in the cache folder {@code args[0]} and says each step. */
  static final class Preparer {
    private Preparer() {}

    public static void main(String[] args) throws Exception {
      PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
      ConductorInstall install =
          ConductorInstall.prepare(
              Fetched.conductor(),
              Path.of(args[0]),
              new Listener() {
                @Override
                public void step(String sentence) {
                  out.println(sentence);
                }
              });
      out.println("archive " + Files.exists(install.archive()));
    }
  }

  /** Writes what it was started with into its state folder, then sleeps. */
  static final class RecordingWorker {
    private RecordingWorker() {}

    public static void main(String[] args) throws Exception {
      Path state = Path.of(args[List.of(args).indexOf("--state") + 1]);
      Map<String, String> environment = new TreeMap<>(System.getenv());
      Files.writeString(state.resolve("arguments"), String.join(" ", args));
      Files.writeString(state.resolve("environment.tmp"), environment.toString());
      Files.move(state.resolve("environment.tmp"), state.resolve("environment"));
      Sleeper.sleep();
    }
  }

  /** Brings local services up on {@code args[0]} with one worker and stays. */
  static final class Supervisor {
    private Supervisor() {}

    public static void main(String[] args) throws Exception {
      LocalServices services = LocalServices.up(options(Path.of(args[0])), Listener.SILENT);
      System.out.println("up " + services.running().pid());
      Sleeper.sleep();
    }

    static LocalServices.Options options(Path home) {
      LocalServices.Options usual =
          LocalServices.Options.of(Fetched.conductor(), guarded(RecordingWorker.class));
      return new LocalServices.Options(
          home,
          usual.cache(),
          usual.conductorJar(),
          usual.workerCommand(),
          2,
          usual.numerics(),
          0,
          0);
    }
  }
}
