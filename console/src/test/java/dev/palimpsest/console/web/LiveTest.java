package dev.palimpsest.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Failure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What open pages are sent, over real connections. */
@Timeout(60)
final class LiveTest {
  private final AtomicInteger made = new AtomicInteger();
  private volatile Supplier<SequencedMap<String, String>> regions = () -> page("old", "one\ntwo");
  private final Live live = new Live(sentence -> "! " + sentence, Duration.ofMillis(200));
  private final Web web =
      Web.of(
          Access.of("127.0.0.1", Optional.empty()),
          live,
          List.of(site ->
              site.live(
                  "/live",
                  context ->
                      new Live.View(
                          "key",
                          Duration.ofMillis(20),
                          () -> {
                            made.incrementAndGet();
                            return regions.get();
                          }))));
  private final URI url = web.start("127.0.0.1", 0).resolve("/live");
  private final HttpClient http = HttpClient.newHttpClient();

  private static SequencedMap<String, String> page(String state, String log) {
    var page = new LinkedHashMap<String, String>();
    page.put("state", state);
    page.put("log", log);
    return page;
  }

  @AfterEach
  void close() {
    web.close();
  }

  /** A visitor who reads events: {@code [name, data]}. */
  private final class Reader implements AutoCloseable {
    private final InputStream in;
    private final BufferedReader lines;
    private String id = "";

    Reader(String... headers) throws Exception {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(url).header("Accept", "text/event-stream");
      if (headers.length > 0) {
        request.headers(headers);
      }
      in = http.send(request.build(), BodyHandlers.ofInputStream()).body();
      lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    /** The next event, as browsers hear it: one without data is none. */
    List<String> next() throws IOException {
      String name = "";
      var data = new ArrayList<String>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("event: ")) {
          name = line.substring(7);
        } else if (line.startsWith("data: ")) {
          data.add(line.substring(6));
        } else if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.isEmpty() && !data.isEmpty()) {
          return List.of(name, String.join("\n", data));
        }
      }
      throw new IOException("the stream ended");
    }

    List<String> nextEvent() throws IOException {
      List<String> event = next();
      while (event.getFirst().equals(Live.ALIVE)) {
        event = next();
      }
      return event;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  @Test
  void oneWhoComesGetsEverythingAndThenWhatChanged() throws Exception {
    try (var reader = new Reader()) {
      var first = List.of(reader.nextEvent(), reader.nextEvent(), reader.nextEvent());
      assertThat(first)
          .containsExactly(
              List.of(Live.TROUBLE, ""), List.of("state", "old"), List.of("log", "one\ntwo"));
      regions = () -> page("new", "one\ntwo");
      assertThat(reader.nextEvent()).containsExactly("state", "new");
      regions = () -> page("new", "three");
      assertThat(reader.nextEvent()).containsExactly("log", "three");
    }
  }

  @Test
  void aRegionThatHasNothingToShowAnyMoreIsEmptied() throws Exception {
    try (var reader = new Reader()) {
      for (int i = 0; i < 3; i++) {
        reader.nextEvent();
      }
      regions = () -> page("new", "");
      assertThat(List.of(reader.nextEvent(), reader.nextEvent()))
          .containsExactly(List.of("state", "new"), List.of("log", ""));
    }
  }

  @Test
  void aStreamThatIsQuietTellsThatTheServerIsThere() throws Exception {
    try (var reader = new Reader()) {
      for (int i = 0; i < 3; i++) {
        reader.nextEvent();
      }
      assertThat(reader.next().getFirst()).isEqualTo(Live.ALIVE);
      assertThat(reader.next().getFirst()).isEqualTo(Live.ALIVE);
    }
  }

  @Test
  void oneWhoComesBackWithTheNewestStateGetsNothingTwice() throws Exception {
    try (var stays = new Reader()) {
      String seen;
      try (var reader = new Reader()) {
        for (int i = 0; i < 3; i++) {
          reader.nextEvent();
        }
        seen = reader.id;
      }
      try (var back = new Reader("Last-Event-ID", seen)) {
        assertThat(back.next().getFirst()).isEqualTo(Live.ALIVE);
        regions = () -> page("new", "one\ntwo");
        assertThat(back.nextEvent()).containsExactly("state", "new");
      }
      try (var late = new Reader("Last-Event-ID", seen)) {
        assertThat(late.nextEvent()).containsExactly(Live.TROUBLE, "");
      }
    }
  }

  @Test
  void manyWhoLookCostAsMuchAsOneAndNobodyCostsNothing() throws Exception {
    List<Reader> readers = IntStream.range(0, 20).mapToObj(i -> open()).toList();
    for (Reader reader : readers) {
      reader.nextEvent();
    }
    assertThat(live.watched()).isEqualTo(1);
    int before = made.get();
    long began = System.nanoTime();
    Thread.sleep(400);
    long looks = (System.nanoTime() - began) / Duration.ofMillis(20).toNanos();
    assertThat(made.get() - before).isPositive().isLessThanOrEqualTo((int) looks + 1);
    for (Reader reader : readers) {
      reader.close();
    }
    await(() -> live.watched() == 0);
    int after = made.get();
    Thread.sleep(200);
    assertThat(made.get()).isEqualTo(after);
  }

  private Reader open() {
    try {
      return new Reader();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** It asks for the page and reads nothing, so that its connection fills up. */
  @Test
  void oneWhoReadsNothingKeepsNobodyWaiting() throws Exception {
    var count = new AtomicInteger();
    String large = "x".repeat(1 << 20);
    regions = () -> page(count.incrementAndGet() + large, "");
    try (var deaf = new Socket("127.0.0.1", url.getPort());
        var reader = new Reader()) {
      deaf.getOutputStream()
          .write(
              "GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      reader.nextEvent();
      int last = 0;
      for (int i = 0; i < 30; i++) {
        List<String> event = reader.nextEvent();
        if (event.getFirst().equals("state")) {
          int number = Integer.parseInt(event.getLast().replace("x", ""));
          assertThat(number).isGreaterThan(last);
          last = number;
        }
      }
    }
  }

  @Test
  void whatKeepsThePageFromBeingMadeIsToldAndGoesByItself() throws Exception {
    try (var reader = new Reader()) {
      for (int i = 0; i < 3; i++) {
        reader.nextEvent();
      }
      regions =
          () -> {
            throw Failure.passing("Conductor is gone; expected it.", new IOException("gone"));
          };
      assertThat(reader.nextEvent())
          .containsExactly(Live.TROUBLE, "! Conductor is gone; expected it.");
      regions = () -> page("back", "one\ntwo");
      assertThat(Map.ofEntries(entry(reader.nextEvent()), entry(reader.nextEvent())))
          .containsExactlyInAnyOrderEntriesOf(Map.of(Live.TROUBLE, "", "state", "back"));
    }
  }

  private static Map.Entry<String, String> entry(List<String> event) {
    return Map.entry(event.getFirst(), event.getLast());
  }

  private static void await(Supplier<Boolean> condition) {
    try {
      for (int i = 0; i < 500 && !condition.get(); i++) {
        Thread.sleep(20);
      }
    } catch (InterruptedException e) {
      throw new UncheckedIOException(new IOException(e));
    }
    assertThat(condition.get()).isTrue();
  }
}
