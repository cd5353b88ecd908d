package dev.palimpsest.console.web;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import io.javalin.http.Context;
import io.javalin.http.sse.SseClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the regions of open pages again when they changed.
 *
 * <p>However many look at a page, its regions are made once; nobody who looks costs nothing. A
 * visitor gets all regions first, then those that changed. One who reads slowly gets the newest
 * state of each, without those in between, and keeps nobody waiting.
 */
public final class Live implements AutoCloseable {
  /** The region that tells what keeps the others from being made; empty while nothing does. */
  public static final String TROUBLE = "trouble";

  /** The event without a region by which a quiet stream tells that the server is there. */
  static final String ALIVE = "alive";

  private static final Logger LOG = LoggerFactory.getLogger(Live.class);
  private static final Duration PAUSE_IN_TROUBLE = Duration.ofSeconds(2);

  private final Duration silence;
  private final UnaryOperator<String> notice;
  private final Map<String, Watched> watched = new HashMap<>();
  private final Set<Visitor> visitors = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * @param notice a sentence as HTML
   */
  Live(UnaryOperator<String> notice) {
    this(notice, Duration.ofSeconds(10));
  }

  /**
   * @param silence after so long without an event {@link #ALIVE} is sent, which also shows who is
   *     gone
   */
  Live(UnaryOperator<String> notice, Duration silence) {
    this.notice = notice;
    this.silence = silence;
  }

  /**
   * A page that is looked at.
   *
   * @param key pages with one key have the same regions
   * @param pause between two looks at what the regions show
   */
  public record View(String key, Duration pause, Regions regions) {
    /** A page whose regions are made once a second. */
    public View(String key, Regions regions) {
      this(key, Duration.ofSeconds(1), regions);
    }
  }

  /**
   * Makes the regions of a page: HTML by the name of its event, in the order of the page. The very
   * map of the last time says that nothing changed.
   */
  @FunctionalInterface
  public interface Regions {
    SequencedMap<String, String> now();
  }

  /** What a request looks at. */
  @FunctionalInterface
  public interface Looked {
    View at(Context context);
  }

  void serve(SseClient client, Looked looked) {
    View view;
    try {
      view = looked.at(client.ctx());
    } catch (Mistake | Failure e) {
      client.sendEvent(TROUBLE, notice.apply(say(e)));
      client.close();
      return;
    }
    var visitor = new Visitor(client);
    client.keepAlive();
    String seen = client.ctx().header("Last-Event-ID");
    Watched page = enter(view, visitor, seen == null ? "" : seen);
    client.onClose(() -> page.leave(visitor));
    Thread.ofVirtual().name("live-visitor").start(visitor);
  }

  private Watched enter(View view, Visitor visitor, String seen) {
    synchronized (watched) {
      Watched page = watched.get(view.key());
      if (page == null) {
        page = new Watched(view);
        watched.put(view.key(), page);
        Thread.ofVirtual().name("live-" + view.key()).start(page);
      }
      page.enter(visitor, seen);
      return page;
    }
  }

  /** How many pages are looked at, each counted once. */
  int watched() {
    synchronized (watched) {
      return watched.size();
    }
  }

  /** Ends all streams while the server is still there to end them. */
  @Override
  public void close() {
    closed = true;
    visitors.forEach(Visitor::wake);
    for (int i = 0; i < 50 && !visitors.isEmpty(); i++) {
      sleep(Duration.ofMillis(20).toNanos());
    }
  }

  private static String say(Exception e) {
    return String.valueOf(e.getMessage());
  }

  /** A page and all who look at it. */
  private final class Watched implements Runnable {
    private final View view;
    private final String name = UUID.randomUUID().toString().substring(0, 8);
    private final List<Visitor> visitors = new ArrayList<>();
    private SequencedMap<String, String> shown = new LinkedHashMap<>();
    private SequencedMap<String, String> made = shown;
    private long changes;

    Watched(View view) {
      this.view = view;
    }

    @Override
    public void run() {
      while (!deserted()) {
        long began = System.nanoTime();
        boolean well = look();
        Duration pause = well ? view.pause() : PAUSE_IN_TROUBLE;
        // A page that is slow to make is made less often.
        long took = System.nanoTime() - began;
        sleep(Math.max(pause.toNanos() - took, took / 2));
      }
    }

    private boolean deserted() {
      synchronized (watched) {
        synchronized (this) {
          if (!visitors.isEmpty() && !closed) {
            return false;
          }
        }
        watched.remove(view.key());
        return true;
      }
    }

    /** False where something keeps the regions from being made. */
    private boolean look() {
      try {
        SequencedMap<String, String> now = view.regions().now();
        if (now == made && shown.getOrDefault(TROUBLE, "").isEmpty()) {
          return true;
        }
        made = now;
        var whole = new LinkedHashMap<>(now);
        whole.putFirst(TROUBLE, "");
        show(whole);
        return true;
      } catch (Mistake | Failure e) {
        trouble(say(e));
      } catch (RuntimeException | Error e) {
        LOG.error("The page {} cannot be made", view.key(), e);
        trouble("The console failed at this page; its log has the trace.");
      }
      return false;
    }

    private void trouble(String sentence) {
      var whole = new LinkedHashMap<>(shown);
      whole.putFirst(TROUBLE, notice.apply(sentence));
      show(whole);
    }

    private synchronized void show(SequencedMap<String, String> whole) {
      var changed = new LinkedHashMap<String, String>();
      whole.forEach((region, html) -> {
        if (!html.equals(shown.get(region))) {
          changed.put(region, html);
        }
      });
      shown = whole;
      if (!changed.isEmpty()) {
        changes++;
        visitors.forEach(visitor -> visitor.hear(changed, id()));
      }
    }

    private String id() {
      return name + "." + changes;
    }

    /**
     * @param seen the last event that the visitor has; what it knows is not sent again
     */
    synchronized void enter(Visitor visitor, String seen) {
      visitors.add(visitor);
      if (!seen.equals(id())) {
        visitor.hear(shown, id());
      }
    }

    synchronized void leave(Visitor visitor) {
      visitors.remove(visitor);
    }
  }

  private record Events(SequencedMap<String, String> html, String id) {}

  /** Who looks at a page. */
  private final class Visitor implements Runnable {
    private final SseClient client;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition heard = lock.newCondition();

    /** What is still to be sent: the newest state of each region, so that it stays small. */
    private SequencedMap<String, String> waiting = new LinkedHashMap<>();

    private String id = "";

    Visitor(SseClient client) {
      this.client = client;
    }

    void hear(Map<String, String> regions, String newest) {
      lock.lock();
      try {
        waiting.putAll(regions);
        id = newest;
        heard.signal();
      } finally {
        lock.unlock();
      }
    }

    void wake() {
      hear(Map.of(), id);
    }

    @Override
    public void run() {
      visitors.add(this);
      try {
        while (!client.terminated() && !closed) {
          Events events = next();
          if (events.html().isEmpty() && !closed) {
            send(ALIVE, "", null);
          }
          // Only the last one tells where it is: what breaks off before is sent again.
          int left = events.html().size();
          for (Map.Entry<String, String> region : events.html().entrySet()) {
            send(region.getKey(), region.getValue(), --left == 0 ? events.id() : null);
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        client.close();
        visitors.remove(this);
      }
    }

    /** Browsers hear no event without a line of data: an empty one makes it. */
    private void send(String name, String data, @Nullable String id) {
      client.sendEvent(name, data.isEmpty() ? "\n" : data, id);
    }

    private Events next() throws InterruptedException {
      lock.lock();
      try {
        if (waiting.isEmpty()) {
          heard.await(silence.toMillis(), TimeUnit.MILLISECONDS);
        }
        var events = new Events(waiting, id);
        waiting = new LinkedHashMap<>();
        return events;
      } finally {
        lock.unlock();
      }
    }
  }

  private static void sleep(long nanos) {
    try {
      Thread.sleep(Duration.ofNanos(Math.max(nanos, 1)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
