package dev.palimpsest.worker;

import com.netflix.conductor.client.exception.ConductorClientException;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageContext;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
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

  /** Without a step for this long a stage counts as stuck, and its lease runs out. */
  private static final Duration STUCK = Duration.ofMinutes(5);

  private static final int MOST_STARTS = 3;

  private final Lane lane;
  private final StageRunner runner;
  private final TaskSource source;
  private final RunJournal journal;
  private final Answers answers;
  private final Path heldFile;
  private final AtomicReference<@Nullable Computation> current = new AtomicReference<>();
  private volatile boolean closing;

  Slot(
      Lane lane,
      StageRunner runner,
      TaskSource source,
      RunJournal journal,
      Answers answers,
      Path state) {
    this.lane = lane;
    this.runner = runner;
    this.source = source;
    this.journal = journal;
    this.answers = answers;
    this.heldFile = state.resolve("held-" + lane.label() + ".json");
  }

  /** What the file says: a task and how often its computation was begun by this worker. */
  record Held(String task, int starts) {}

  Lane lane() {
    return lane;
  }

  boolean free() {
    return current.get() == null;
  }

  /** Goes on with the task that an earlier process of this worker held. */
  void recover() {
    Optional<Held> read = readHeld();
    if (read.isEmpty()) {
      return;
    }
    Held held = read.get();
    try {
      Optional<TaskSource.Task> task =
          Patience.of(Duration.ofMinutes(10)).get(() -> source.held(held.task()));
      if (task.isEmpty()) {
        release();
      } else if (held.starts() >= MOST_STARTS) {
        release();
        source.fail(
            task.get(),
            "The worker died "
                + held.starts()
                + " times while it ran stage '"
                + task.get().stage()
                + "'; expected it to survive: see the worker's log.");
      } else {
        goOn(task.get(), held.starts() + 1);
      }
    } catch (RuntimeException e) {
      LOG.error("Cannot go on with task {}: its lease runs out", held.task(), e);
      release();
    }
  }

  private void goOn(TaskSource.Task task, int starts) {
    try {
      StageRunner.Prepared prepared = runner.prepare(task);
      Optional<String> unfit = runner.unfit(prepared);
      if (unfit.isPresent()) {
        release();
        source.giveBack(task, Duration.ZERO, unfit.get());
      } else {
        LOG.info("Going on with task {} of run {}", task.reference(), task.run());
        start(task, prepared, starts);
      }
    } catch (Mistake e) {
      release();
      source.fail(task, e.getMessage());
    }
  }

  private Optional<Held> readHeld() {
    if (!Files.exists(heldFile)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          Json.read(heldFile.getFileName().toString(), Files.readAllBytes(heldFile), Held.class));
    } catch (IOException | Mistake e) {
      LOG.error("{} cannot be read and is dropped", heldFile, e);
      release();
      return Optional.empty();
    }
  }

  private void release() {
    try {
      Files.deleteIfExists(heldFile);
    } catch (IOException e) {
      LOG.error("{} cannot be removed", heldFile, e);
    }
  }

  void start(TaskSource.Task task, StageRunner.Prepared prepared) {
    start(task, prepared, 1);
  }

  private void start(TaskSource.Task task, StageRunner.Prepared prepared, int starts) {
    var computation = new Computation(task, prepared);
    if (!current.compareAndSet(null, computation)) {
      throw new IllegalStateException("the " + lane.label() + " slot is taken");
    }
    try {
      hold(new Held(task.id(), starts));
      Thread.ofPlatform().name("stage-" + lane.label()).start(computation);
    } catch (RuntimeException e) {
      current.set(null);
      throw e;
    }
  }

  private void hold(Held held) {
    Path next = heldFile.resolveSibling(heldFile.getFileName() + ".next");
    try {
      Files.createDirectories(heldFile.toAbsolutePath().getParent());
      Files.write(next, Json.canonical(held));
      Files.move(
          next, heldFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
      computation.stop = true;
    }
  }

  private final class Computation implements Runnable, Reporter {
    private final TaskSource.Task task;
    private final StageRunner.Prepared prepared;
    private final long started = System.nanoTime();
    private volatile long lastStep = started;
    private volatile boolean stop;
    private volatile StageContext.Progress progress = new StageContext.Progress(0, 1, "", Map.of());
    private StageContext.@Nullable Progress published;

    Computation(TaskSource.Task task, StageRunner.Prepared prepared) {
      this.task = task;
      this.prepared = prepared;
    }

    @Override
    public void run() {
      try {
        switch (runner.compute(prepared, () -> stop, this)) {
          case StageRunner.Outcome.Computed computed -> finish(computed.record());
          case StageRunner.Outcome.Claimed claimed ->
              source.giveBack(
                  task, Duration.ofSeconds(2), "another worker computes the same stage");
        }
        release();
      } catch (StageContext.Stopped e) {
        LOG.info("Stopped task {}: {}", task.reference(), e.getMessage());
        stopped();
      } catch (Mistake e) {
        failWith(e.getMessage() == null ? e.toString() : e.getMessage());
      } catch (Failure e) {
        failed(e);
      } catch (ConductorClientException e) {
        // What was computed is published: the lease runs out, and the retry is a hit.
        LOG.error("Conductor did not take the answer to task {}", task.reference(), e);
        release();
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
        current.set(null);
      }
    }

    /** A task that another shall have at once if this worker closes. */
    private void stopped() {
      release();
      if (closing) {
        source.giveBack(task, Duration.ZERO, "its worker was stopped");
      }
    }

    private void failed(Failure failure) {
      if (failure.isPassing()) {
        LOG.info("Task {} goes back: {}", task.reference(), failure.getMessage());
        release();
        source.giveBack(task, Duration.ofSeconds(15), failure.getMessage());
      } else {
        failWith(failure.getMessage());
      }
    }

    private void finish(StageRecord record) {
      answers.computed(task, record, (System.nanoTime() - started) / 1e9);
    }

    private void failWith(String sentence) {
      LOG.info("Task {} failed: {}", task.reference(), sentence);
      release();
      try {
        source.fail(task, sentence);
      } catch (RuntimeException e) {
        LOG.error("Conductor did not take the failure of task {}", task.reference(), e);
      }
    }

    @Override
    public void progress(StageContext.Progress now) {
      lastStep = System.nanoTime();
      progress = now;
    }

    @Override
    public void note(String line) {
      lastStep = System.nanoTime();
      source.log(task, line);
    }

    @Override
    public boolean alive() {
      return System.nanoTime() - lastStep < STUCK.toNanos();
    }

    synchronized void publishProgress() {
      StageContext.Progress now = progress;
      if (now != published) {
        published = now;
        journal.write(
            task.run(),
            new RunJournal.Live(
                task.reference(), answers.worker(), now, (System.nanoTime() - started) / 1e9));
      }
    }

    void renew() {
      if (source.held(task.id()).isEmpty()) {
        stop = true;
      } else if (alive()) {
        source.extend(task);
      }
    }
  }
}
