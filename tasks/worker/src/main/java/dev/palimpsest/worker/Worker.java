package dev.palimpsest.worker;

import com.netflix.conductor.client.exception.ConductorClientException;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.Lane;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes tasks, answers those whose key is known at once, and computes the others, one a lane.
 *
 * <p>A busy lane is still polled, slowly, so that what is already computed never queues behind a
 * training; what is not goes back into the queue.
 */
final class Worker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final Duration EAGER = Duration.ofMillis(20);
  private static final Duration IDLE = Duration.ofMillis(200);
  private static final Duration EAGER_FOR = Duration.ofSeconds(3);
  private static final Duration CLOSING = Duration.ofMillis(2500);
  private static final Duration BUSY_POLL = Duration.ofSeconds(1);
  private static final int SEARCHES = 2;
  private static final Duration SEARCH_AGAIN = Duration.ofMinutes(1);

  private final TaskSource source;
  private final StageRunner runner;
  private final Answers answers;
  private final List<Slot> slots;

  /** Apart, so that a store that hangs keeps no lease from being renewed. */
  private final ScheduledExecutorService leases = timer("leases");

  private final ScheduledExecutorService progress = timer("progress");

  private final Duration searchAgain;

  /** How often, even if busy, and from when on to look for what went astray. */
  private int searches = SEARCHES;

  private long nextSearch;

  private volatile boolean closed;

  Worker(TaskSource source, StageRunner runner, Answers answers, List<Slot> slots) {
    this(source, runner, answers, slots, SEARCH_AGAIN);
  }

  /**
   * @param searchAgain how long after a search for what went astray the next one is
   */
  Worker(
      TaskSource source,
      StageRunner runner,
      Answers answers,
      List<Slot> slots,
      Duration searchAgain) {
    this.source = source;
    this.runner = runner;
    this.answers = answers;
    this.slots = slots;
    this.searchAgain = searchAgain;
  }

  /** Serves until closed. */
  void serve() {
    every(progress, Duration.ofMillis(500), Slot::publishProgress);
    every(leases, Duration.ofSeconds(3), Slot::renew);
    slots.forEach(Slot::recover);
    nextSearch = System.nanoTime();
    long lastTask = System.nanoTime();
    long lastBusyPoll = 0;
    while (!closed) {
      boolean busyToo = System.nanoTime() - lastBusyPoll > BUSY_POLL.toNanos();
      Set<Lane> lanes = EnumSet.noneOf(Lane.class);
      for (Slot slot : slots) {
        if (slot.free() || busyToo) {
          lanes.add(slot.lane());
        }
      }
      if (busyToo) {
        lastBusyPoll = System.nanoTime();
      }
      Optional<TaskSource.Task> task = lanes.isEmpty() ? Optional.empty() : poll(lanes);
      if (task.isEmpty()) {
        task = strayed();
      }
      if (task.isPresent()) {
        lastTask = System.nanoTime();
        handle(task.get());
      } else {
        boolean eager = System.nanoTime() - lastTask < EAGER_FOR.toNanos();
        Patience.sleep(eager ? EAGER : IDLE);
      }
    }
  }

  private Optional<TaskSource.Task> poll(Set<Lane> lanes) {
    try {
      return source.poll(lanes);
    } catch (ConductorClientException e) {
      LOG.info("Conductor does not answer: {}", e.getMessage());
      searches = SEARCHES;
      nextSearch = System.nanoTime();
      Patience.sleep(Duration.ofSeconds(1));
      return Optional.empty();
    }
  }

  /**
   * A task that was handed to this worker and never reached it. Looked for after its start and
   * after each silence of Conductor, which itself would hand it out again only when its lease has
   * run out. Twice, as a server may take up late what it was asked before; and as long as there is
   * nothing to compute. Where no task went astray, what comes before the tasks may have.
   */
  private Optional<TaskSource.Task> strayed() {
    boolean wanted = searches > 0 || slots.stream().allMatch(Slot::free);
    if (!wanted || System.nanoTime() - nextSearch < 0) {
      return Optional.empty();
    }
    Optional<TaskSource.Task> strayed = Optional.empty();
    try {
      strayed =
          source.handed(lanes()).stream()
              .filter(task -> slots.stream().noneMatch(slot -> slot.computes(task.id())))
              // A slot may have answered it since it was listed.
              .flatMap(task -> source.held(task.id()).stream())
              .findFirst();
      strayed.ifPresent(task ->
          LOG.info("Task {} of run {} was handed out and lost", task.reference(), task.run()));
      if (strayed.isEmpty()) {
        source.remind();
      }
    } catch (ConductorClientException e) {
      LOG.info("Conductor does not tell what it handed out: {}", e.getMessage());
    }
    if (strayed.isEmpty()) {
      searches = Math.max(0, searches - 1);
      nextSearch = System.nanoTime() + searchAgain.toNanos();
    }
    return strayed;
  }

  private void handle(TaskSource.Task task) {
    try {
      StageRunner.Prepared prepared = runner.prepare(task);
      Optional<StageRecord> hit =
          task.attempt() > 1 ? runner.retriedHit(prepared) : runner.hit(prepared);
      if (hit.isPresent()) {
        answers.cached(task, hit.get());
        return;
      }
      Optional<String> unfit = runner.unfit(prepared);
      if (unfit.isPresent()) {
        source.giveBack(task, Duration.ofSeconds(5), unfit.get());
        return;
      }
      Slot slot = slot(prepared.stage().lane());
      if (slot.free()) {
        slot.start(task, prepared);
      } else {
        source.giveBack(task, Duration.ZERO, "every worker of the lane is busy");
      }
    } catch (Mistake e) {
      answer(() -> source.fail(task, e.getMessage() == null ? e.toString() : e.getMessage()));
    } catch (Failure e) {
      answer(() -> {
        if (e.isPassing()) {
          source.giveBack(task, Duration.ofSeconds(15), e.getMessage());
        } else {
          source.fail(task, e.getMessage());
        }
      });
    } catch (ConductorClientException e) {
      LOG.error("Conductor did not take the answer to task {}", task.reference(), e);
    } catch (RuntimeException e) {
      LOG.error("Task {} cannot be begun", task.reference(), e);
      answer(() -> source.fail(task, "Stage '" + task.stage() + "' cannot be begun: " + e + "."));
    }
  }

  private static void answer(Runnable answer) {
    try {
      answer.run();
    } catch (ConductorClientException e) {
      LOG.error("Conductor does not take an answer; the task's lease will run out", e);
    }
  }

  private Set<Lane> lanes() {
    return slots.stream().map(Slot::lane).collect(Collectors.toSet());
  }

  private Slot slot(Lane lane) {
    return slots.stream().filter(slot -> slot.lane() == lane).findFirst().orElseThrow();
  }

  private static ScheduledExecutorService timer(String name) {
    return Executors.newScheduledThreadPool(1, Thread.ofPlatform().daemon().name(name).factory());
  }

  private void every(ScheduledExecutorService timer, Duration period, Consumer<Slot> duty) {
    for (Slot slot : slots) {
      var unused =
          timer.scheduleWithFixedDelay(
              () -> {
                try {
                  duty.accept(slot);
                } catch (Throwable e) {
                  LOG.info("Will try again: {}", e.toString());
                }
              },
              period.toMillis(),
              period.toMillis(),
              TimeUnit.MILLISECONDS);
    }
  }

  /** Stops taking tasks, makes running stages save their state, and gives their tasks back. */
  @Override
  public void close() {
    closed = true;
    slots.forEach(Slot::close);
    leases.shutdown();
    progress.shutdown();
    long end = System.nanoTime() + CLOSING.toNanos();
    while (!slots.stream().allMatch(Slot::free) && System.nanoTime() < end) {
      Patience.sleep(EAGER);
    }
  }
}
