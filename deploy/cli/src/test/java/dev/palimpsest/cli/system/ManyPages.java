package dev.palimpsest.cli.system;

import dev.palimpsest.tasks.RunJournal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Serves the console on a store of many runs and tells how long it takes to start, how long each
 * page takes at the server, what so many open live pages cost, and how much memory it holds.
 *
 * <p>Arguments: how many runs, and the launcher.
 */
public final class ManyPages implements AutoCloseable {
  private static final int TIMES = 20;
  private static final int LIVE = 50;
  private static final int SECONDS = 20;
  private static final Pattern STREAM = Pattern.compile("data-live=\"([^\"]+)\"");

  /** A study that is long enough to be looked at while it runs. */
  private static final String[] LONG = {"seed=77", "parts.mixed=0.3", "task1.epochs=200"};

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI url;
  private final Process console;

  private ManyPages(Path home, String launcher) throws IOException, InterruptedException {
    int port;
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    url = URI.create("http://127.0.0.1:" + port);
    long began = System.nanoTime();
    console =
        new ProcessBuilder(
                launcher, "console", "--home", home.toString(), "--console-port", "" + port)
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("console.log").toFile())
            .start();
    while (!serves()) {
      if (!console.isAlive()) {
        throw new AssertionError(Files.readString(home.resolve("console.log")));
      }
      Thread.sleep(20);
    }
    System.out.printf(
        Locale.ROOT,
        "started in %.1f s, %d MB resident%n",
        (System.nanoTime() - began) / 1e9,
        resident());
  }

  /** Prints the figures. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path home = Files.createTempDirectory("palimpsest-pages");
    Path quickstart = Path.of("examples/sbl-quickstart");
    try (LocalSystem system = LocalSystem.up(home, 2)) {
      String first = system.start(quickstart, LocalSystem.SMALL);
      system.awaitEnd(first);
      long began = System.nanoTime();
      List<String> runs = new ManyRecords(system, first).write(Integer.parseInt(args[0]));
      System.out.printf(
          Locale.ROOT,
          "%d runs written in %.0f s%n",
          runs.size(),
          (System.nanoTime() - began) / 1e9);
      try (var pages = new ManyPages(home, args[1])) {
        pages.ask(pages(system, first, runs));
        String going = system.start(quickstart, LONG);
        system.await(going, view -> view.stage("task1").orElseThrow().progress().isPresent());
        pages.watch("/workers");
        pages.watch("/runs/" + going);
        system.runs().cancel(going);
      }
    }
    try (Stream<Path> paths = Files.walk(home)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static Map<String, String> pages(LocalSystem system, String real, List<String> runs) {
    var pages = new LinkedHashMap<String, String>();
    pages.put("studies", "/studies");
    pages.put("a study", "/studies/shipped/sbl");
    pages.put("submit", "/submit");
    pages.put("runs", "/runs");
    pages.put("runs, failed ones", "/runs?state=failed");
    pages.put("runs, by text", "/runs?q=quickstart");
    pages.put("a run", "/runs/" + real);
    pages.put("a run, a stage", "/runs/" + real + "?task=joint");
    pages.put("an old run", "/runs/" + runs.getLast());
    pages.put("artifacts", "/artifacts");
    pages.put("artifacts of a run", "/artifacts?run=" + runs.getLast());
    pages.put("artifacts of a type", "/artifacts?type=checkpoint");
    for (RunJournal.StageEntry stage : system.journal().stages(real)) {
      stage
          .outputs()
          .values()
          .forEach(output ->
              pages.putIfAbsent("artifact: " + output.artifact(), "/artifacts/" + output.sha256()));
    }
    pages.put("compare, choose", "/compare");
    pages.put(
        "compare three", "/compare?run=" + real + "&run=" + runs.get(1) + "&run=" + runs.get(2));
    pages.put("workers", "/workers");
    pages.put("housekeeping", "/housekeeping");
    pages.put("housekeeping, tagged", "/housekeeping?q=tenth");
    pages.put("notes", "/runs/" + real + "/notes");
    return pages;
  }

  private void ask(Map<String, String> pages) throws IOException, InterruptedException {
    System.out.printf("%n%-24s %9s %9s %9s %8s%n", "page, ms", "first", "median", "worst", "kB");
    for (Map.Entry<String, String> page : pages.entrySet()) {
      List<Double> times = new ArrayList<>();
      double cold = 0;
      int bytes = 0;
      int status = 200;
      for (int i = 0; i <= TIMES; i++) {
        long began = System.nanoTime();
        HttpResponse<byte[]> answer =
            http.send(
                HttpRequest.newBuilder(url.resolve(page.getValue())).build(),
                BodyHandlers.ofByteArray());
        double millis = (System.nanoTime() - began) / 1e6;
        if (i == 0) {
          cold = millis;
        } else {
          times.add(millis);
        }
        bytes = answer.body().length;
        status = Math.max(status, answer.statusCode());
      }
      times.sort(null);
      System.out.printf(
          Locale.ROOT,
          "%-24s %9.0f %9.0f %9.0f %8.0f%s%n",
          page.getKey(),
          cold,
          times.get(TIMES / 2),
          times.getLast(),
          bytes / 1e3,
          status == 200 ? "" : "  HTTP " + status);
    }
    System.out.printf("%d MB resident after all pages%n", resident());
  }

  /** Opens a page many times, as browsers do, and tells what that costs. */
  private void watch(String path) throws IOException, InterruptedException {
    String page =
        http.send(HttpRequest.newBuilder(url.resolve(path)).build(), BodyHandlers.ofString())
            .body();
    Optional<String> stream =
        Optional.of(STREAM.matcher(page)).filter(Matcher::find).map(found -> found.group(1));
    if (stream.isEmpty()) {
      System.out.println(path + " is not live");
      return;
    }
    var events = new AtomicLong();
    List<InputStream> open = new ArrayList<>();
    for (int i = 0; i < LIVE; i++) {
      InputStream body =
          http.send(
                  HttpRequest.newBuilder(url.resolve(stream.get().replace("&amp;", "&")))
                      .header("Accept", "text/event-stream")
                      .build(),
                  BodyHandlers.ofInputStream())
              .body();
      open.add(body);
      Thread.ofVirtual().start(() -> count(body, events));
    }
    Thread.sleep(3_000);
    long before = cpu();
    long told = events.get();
    Thread.sleep(SECONDS * 1_000L);
    System.out.printf(
        Locale.ROOT,
        "%d open pages of %s: %.1f %% of a core, %.1f events a second in all, %d MB resident%n",
        LIVE,
        path.replaceFirst("[0-9a-f-]{36}", "RUN"),
        100.0 * (cpu() - before) / 100 / SECONDS,
        (events.get() - told) / (double) SECONDS,
        resident());
    for (InputStream each : open) {
      each.close();
    }
  }

  private static void count(InputStream body, AtomicLong events) {
    try (var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("event:")) {
          events.incrementAndGet();
        }
      }
    } catch (IOException closed) {
      // By who opened it.
    }
  }

  private boolean serves() {
    try {
      return http.send(
                  HttpRequest.newBuilder(url.resolve("/studies")).build(),
                  BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Processor time of the console in hundredths of a second. */
  private long cpu() throws IOException {
    String[] fields =
        Files.readString(Path.of("/proc/" + console.pid() + "/stat"))
            .split("\\) ", 2)[1]
            .split(" ");
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  /** Resident memory of the console in MB. */
  private long resident() throws IOException {
    return Files.readAllLines(Path.of("/proc/" + console.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .sum();
  }

  @Override
  public void close() {
    console.destroy();
    http.close();
  }
}
