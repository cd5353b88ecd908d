package dev.palimpsest.worker;

import com.netflix.conductor.client.exception.ConductorClientException;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageContext;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place for one computation of a lane at a time.
 *
 * <p>The task that it computes is written down in a file, so that the process that takes over after
 * a crash goes on with it instead of waiting for Conductor to notice.
 */
final class Slot {
  private static final Logger LOG = LoggerFactory.getLogger(Slot.class);

  /** Without a step for this long a stage counts as stuck: longer than a store is waited for. */
  static final Duration STUCK = Duration.ofMinutes(10);

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final int MOST_STARTS = 3;

  private final Lane lane;
  private final StageRunner runner;
  private final TaskSource source;
  private final RunJournal live;
  private final Answers answers;
  private final HeldFile note;
  private final LongSupplier nanos;
  private final Runnable giveUp;
  private final AtomicReference<@Nullable Computation> current = new AtomicReference<>();
  private volatile boolean closing;

  /**
   * @param live where live progress is written; its store must not wait long
   * @param state the worker's folder
   * @param nanos a monotonic clock
   * @param giveUp ends this process; called when a stage is stuck, which nothing else ends
   */
  Slot(
      Lane lane,
      StageRunner runner,
      TaskSource source,
      RunJournal live,
      Answers answers,
      Path state,
      LongSupplier nanos,
      Runnable giveUp) {
    this.lane = lane;
    this.runner = runner;
    this.source = source;
    this.live = live;
    this.answers = answers;
    this.note = new HeldFile(state.resolve("held-" + lane.label() + ".json"));
    this.nanos = nanos;
    this.giveUp = giveUp;
  }

  Lane lane() {
    return lane;
  }

  boolean free() {
    return current.get() == null;
  }

  /** Whether it computes the task of this id. */
  boolean computes(String task) {
    Computation computation = current.get();
    return computation != null && computation.task.id().equals(task);
  }

  /** Goes on with the task that an earlier process of this worker held. */
  void recover() {
    Optional<HeldFile.Held> read = note.read();
    if (read.isEmpty()) {
      return;
    }
    HeldFile.Held held = read.get();
    try {
      Optional<TaskSource.Task> task = stillOurs(held.task());
      if (task.isEmpty()) {
        note.remove();
      } else if (held.starts() >= MOST_STARTS) {
        source.fail(
            task.get(),
            "The worker ended "
                + held.starts()
                + " times while it ran stage '"
                + task.get().stage()
                + "' and saved no new state in between; expected it to survive: see the worker's"
                + " log.");
        note.remove();
      } else {
        goOn(task.get(), held.starts() + 1);
      }
    } catch (RuntimeException e) {
      LOG.error("Cannot go on with task {}: its lease runs out", held.task(), e);
      note.remove();
    }
  }

  private Optional<TaskSource.Task> stillOurs(String task) {
    return Patience.of(PATIENCE).get(() -> source.held(task));
  }

  private void goOn(TaskSource.Task task, int starts) {
    try {
      StageRunner.Prepared prepared = runner.prepare(task);
      Optional<String> unfit = runner.unfit(prepared);
      if (unfit.isPresent()) {
        source.giveBack(task, Duration.ZERO, unfit.get());
        note.remove();
      } else {
        LOG.info("Going on with task {} of run {}", task.reference(), task.run());
        start(task, prepared, starts);
      }
    } catch (Mistake e) {
      source.fail(task, e.getMessage());
      note.remove();
    }
  }

  void start(TaskSource.Task task, StageRunner.Prepared prepared) {
    start(task, prepared, 1);
  }

  private void start(TaskSource.Task task, StageRunner.Prepared prepared, int starts) {
    var computation = new Computation(task, prepared, starts);
    if (!current.compareAndSet(null, computation)) {
      throw new IllegalStateException("the " + lane.label() + " slot is taken");
    }
    try {
      note.write(new HeldFile.Held(task.id(), starts));
      Thread.ofPlatform().name("stage-" + lane.label()).start(computation);
    } catch (RuntimeException e) {
      current.set(null);
      throw e;
    }
  }

  /** Writes how far the computation is; called often. */
  void publishProgress() {
    Computation computation = current.get();
    if (computation != null) {
      computation.publishProgress();
    }
  }

  /** Asks whether the task is still this worker's, and extends its lease if it gets on. */
  void renew() {
    Computation computation = current.get();
    if (computation != null) {
      computation.renew();
    }
  }

  /** Makes the computation save its state, stop, and give its task back. */
  void close() {
    closing = true;
    Computation computation = current.get();
    if (computation != null) {
      computation.end();
    }
  }

  private final class Computation implements Runnable, Reporter {
    private final TaskSource.Task task;
    private final StageRunner.Prepared prepared;
    private final long started = nanos.getAsLong();
    private volatile int starts;
    private volatile long lastStep = started;
    private volatile boolean stop;
    private volatile StageContext.Progress progress = new StageContext.Progress(0, 1, "", Map.of());
    private final CurveSoFar curve = new CurveSoFar();
    private StageContext.@Nullable Progress published;
    private List<RunJournal.Curve.Point> drawn = List.of();

    Computation(TaskSource.Task task, StageRunner.Prepared prepared, int starts) {
      this.task = task;
      this.prepared = prepared;
      this.starts = starts;
    }

    /** The note goes last: a process that is killed before the answer leaves it to the next. */
    @Override
    public void run() {
      try {
        switch (runner.compute(prepared, () -> stop, this)) {
          case StageRunner.Outcome.Computed computed -> finish(computed.record());
          case StageRunner.Outcome.Claimed claimed ->
              source.giveBack(
                  task, Duration.ofSeconds(2), "another worker computes the same stage");
        }
      } catch (StageContext.Stopped e) {
        LOG.info("Stopped task {}: {}", task.reference(), e.getMessage());
        if (closing) {
          source.giveBack(task, Duration.ZERO, "its worker was stopped");
        }
      } catch (Mistake e) {
        failWith(e.getMessage() == null ? e.toString() : e.getMessage());
      } catch (Failure e) {
        failed(e);
      } catch (ConductorClientException e) {
        // What was computed is published: the lease runs out, and the retry is a hit.
        LOG.error("Conductor did not take the answer to task {}", task.reference(), e);
      } catch (Throwable e) {
        LOG.error("Task {} failed", task.reference(), e);
        var trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        source.log(task, trace.toString());
        failWith(
            "Stage '"
                + task.stage()
                + "' failed: "
                + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
                + " (the trace is in the task's log).");
      } finally {
        note.remove();
        current.set(null);
      }
    }

    /** A worker that slept past its lease has lost the task: what it computed is there anyway. */
    private void finish(StageRecord record) {
      if (stillOurs(task.id()).isPresent()) {
        answers.computed(task, record, seconds());
      } else {
        LOG.info("Task {} is no longer this worker's; its result is kept", task.reference());
      }
    }

    private void failed(Failure failure) {
      if (failure.isPassing()) {
        LOG.info("Task {} goes back: {}", task.reference(), failure.getMessage());
        source.giveBack(task, Duration.ofSeconds(15), failure.getMessage());
      } else {
        failWith(failure.getMessage());
      }
    }

    private void failWith(String sentence) {
      LOG.info("Task {} failed: {}", task.reference(), sentence);
      try {
        source.fail(task, sentence);
      } catch (RuntimeException e) {
        LOG.error("Conductor did not take the failure of task {}", task.reference(), e);
      }
    }

    /** An end from outside is no death by the stage, even if nothing can be answered any more. */
    void end() {
      stop = true;
      try {
        note.write(new HeldFile.Held(task.id(), Math.max(0, starts - 1)));
      } catch (Failure e) {
        LOG.warn("An end from outside counts as a death: {}", e.getMessage());
      }
    }

    private double seconds() {
      return (nanos.getAsLong() - started) / 1e9;
    }

    @Override
    public void step() {
      lastStep = nanos.getAsLong();
    }

    @Override
    public void progress(StageContext.Progress now) {
      step();
      curve.hear(now);
      progress = now;
    }

    @Override
    public void note(String line) {
      step();
      source.log(task, line);
    }

    /** A death counts again from here on: what comes next is new. */
    @Override
    public void saved() {
      if (starts > 0) {
        starts = 0;
        note.write(new HeldFile.Held(task.id(), 0));
      }
    }

    @Override
    public boolean alive() {
      return nanos.getAsLong() - lastStep < STUCK.toNanos();
    }

    synchronized void publishProgress() {
      StageContext.Progress now = progress;
      if (now != published) {
        live.write(
            task.run(), new RunJournal.Live(task.reference(), answers.worker(), now, seconds()));
        published = now;
        publishCurve();
      }
    }

    private void publishCurve() {
      if (!curve.points().isEmpty() && drawn.isEmpty()) {
        live.curve(task.run(), task.reference()).ifPresent(told -> curve.after(told.points()));
      }
      List<RunJournal.Curve.Point> points = curve.points();
      if (!points.equals(drawn)) {
        live.write(task.run(), new RunJournal.Curve(task.reference(), points));
        drawn = points;
      }
    }

    void renew() {
      if (!alive()) {
        LOG.error(
            "Stage '{}' made no step for {} minutes: this worker ends, so that the next one goes on"
                + " with task {}",
            task.stage(),
            STUCK.toMinutes(),
            task.reference());
        giveUp.run();
      } else if (source.held(task.id()).isEmpty()) {
        stop = true;
      } else {
        source.extend(task);
      }
    }
  }
}
