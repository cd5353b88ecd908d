package dev.palimpsest.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.spec.Methods;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a slot does with tasks: its own, those of a former process of its worker, and others'. */
final class SlotTest {
  @TempDir Path folder;
  private final MemoryStore store = new MemoryStore();
  private final Notebook notebook = new Notebook();
  private final Word word = new Word();
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void aHeldTaskIsGoneOnWithAtOnceAlthoughTheDeadProcessStillClaimsItsKey() throws Exception {
    notebook.held = Optional.of(task());
    Ledger dead = ledger("dead");
    StageRunner.Prepared prepared = runner(dead).prepare(task());
    assertThat(dead.claim(prepared.key().key(), "local-1", Duration.ofHours(1), () -> true))
        .isPresent();
    hold("{\"task\":\"t1\",\"starts\":1}");

    Slot slot = slot();
    slot.recover();
    awaitFree(slot);
    assertThat(notebook.told).containsExactly("complete: [word]");
    assertThat(folder.resolve("held-cpu.json")).doesNotExist();
  }

  @Test
  void aTaskThatKilledItsWorkerThreeTimesFailsForGood() throws Exception {
    notebook.held = Optional.of(task());
    hold("{\"task\":\"t1\",\"starts\":3}");
    Slot slot = slot();
    slot.recover();
    assertThat(notebook.told)
        .containsExactly(
            "fail: The worker ended 3 times while it ran stage 'word' and saved no new state in"
                + " between; expected it to survive: see the worker's log.");
    assertThat(slot.free()).isTrue();
  }

  @Test
  void aTaskThatWasGivenToAnotherIsLeftAlone() throws Exception {
    hold("{\"task\":\"t1\",\"starts\":1}");
    slot().recover();
    assertThat(notebook.told).isEmpty();
    assertThat(folder.resolve("held-cpu.json")).doesNotExist();
  }

  @Test
  void aDamagedNoteIsDroppedAndTheWorkerStarts() throws Exception {
    hold("{\"task\":");
    slot().recover();
    assertThat(notebook.told).isEmpty();
    assertThat(folder.resolve("held-cpu.json")).doesNotExist();
  }

  @Test
  void aTaskIsWrittenDownWhileItIsComputed() throws Exception {
    word.gate = new CountDownLatch(1);
    notebook.held = Optional.of(task());
    Slot slot = slot();
    slot.start(task(), runner(ledger("one")).prepare(task()));
    assertThat(Files.readString(folder.resolve("held-cpu.json"))).contains("\"task\":\"t1\"");
    assertThat(slot.free()).isFalse();
    word.gate.countDown();
    awaitFree(slot);
    assertThat(folder.resolve("held-cpu.json")).doesNotExist();
  }

  /** Nothing ends a thread that hangs: its process does, and the next one goes on. */
  @Test
  void aStageWithoutAStepEndsItsProcessAndTheNoteStaysForTheNext() throws Exception {
    word.gate = new CountDownLatch(1);
    notebook.held = Optional.of(task());
    Slot slot = slot();
    slot.start(task(), runner(ledger("one")).prepare(task()));
    nanos.addAndGet(Slot.STUCK.toNanos() - 1);
    slot.renew();
    assertThat(notebook.told).isEmpty();
    nanos.addAndGet(1);
    slot.renew();
    assertThat(notebook.told).containsExactly("ended");
    assertThat(folder.resolve("held-cpu.json")).exists();
    word.gate.countDown();
    awaitFree(slot);
  }

  /** It slept past its lease, say; its result is published, and the run is another's to answer. */
  @Test
  void whoLostItsTaskPublishesWhatItComputedAndAnswersNothing() throws Exception {
    word.gate = new CountDownLatch(1);
    notebook.held = Optional.of(task());
    Slot slot = slot();
    StageRunner.Prepared prepared = runner(ledger("one")).prepare(task());
    slot.start(task(), prepared);
    notebook.held = Optional.empty();
    word.gate.countDown();
    awaitFree(slot);
    assertThat(notebook.told).isEmpty();
    assertThat(new RunJournal(store).stages("run")).isEmpty();
    assertThat(ledger("one").hit(prepared.key().key())).isPresent();
  }

  @Test
  void aTaskThatIsDeliveredTwiceIsComputedOnce() throws Exception {
    word.gate = new CountDownLatch(1);
    notebook.held = Optional.of(task());
    StageRunner.Prepared prepared = runner(ledger("one")).prepare(task());
    Slot first = slot();
    first.start(task(), prepared);
    word.entered.await();
    Slot second = slot("local-2", folder.resolve("second"));
    second.start(task(), prepared);
    awaitFree(second);
    assertThat(notebook.told).containsExactly("back: another worker computes the same stage");

    word.gate.countDown();
    awaitFree(first);
    second.start(task(), prepared);
    awaitFree(second);
    assertThat(notebook.told)
        .containsExactly(
            "back: another worker computes the same stage", "complete: [word]", "complete: [word]");
    assertThat(word.runs).hasValue(1);
  }

  /** The answer did not arrive, and the task was handed out again. */
  @Test
  void whatTheRunComputedStaysComputedWhenItIsAnsweredFromTheLedger() throws Exception {
    notebook.held = Optional.of(task());
    Slot slot = slot();
    StageRunner.Prepared prepared = runner(ledger("one")).prepare(task());
    slot.start(task(), prepared);
    awaitFree(slot);
    var journal = new RunJournal(store);
    RunJournal.StageEntry computed = journal.stage("run", "say").orElseThrow();
    new Answers(notebook, journal, "local-2", Map.of(), Clock.systemUTC())
        .cached(task(), runner(ledger("two")).hit(prepared).orElseThrow());
    assertThat(journal.stage("run", "say")).contains(computed);
    assertThat(notebook.told).containsExactly("complete: [word]", "complete: [word]");
  }

  @Test
  void whatItHasMeasuredSoFarIsToldBehindWhatItsFormerProcessTold() throws Exception {
    var journal = new RunJournal(store);
    var before = new RunJournal.Curve.Point(1, Map.of("loss", 3.0));
    journal.write("run", new RunJournal.Curve("say", List.of(before)));
    word.reports =
        List.of(
            new StageContext.Progress(2, 3, "epoch 2/3", Map.of("loss", 2.0)),
            new StageContext.Progress(3, 4, "epoch 3/3", Map.of("loss", 1.0)));
    word.gate = new CountDownLatch(1);
    notebook.held = Optional.of(task());
    Slot slot = slot();
    slot.start(task(), runner(ledger("one")).prepare(task()));
    word.entered.await();
    slot.publishProgress();
    assertThat(journal.live("run", "say").orElseThrow().progress())
        .isEqualTo(word.reports.getLast());
    assertThat(journal.curve("run", "say").orElseThrow().points())
        .containsExactly(before, new RunJournal.Curve.Point(2, Map.of("loss", 2.0)));
    word.gate.countDown();
    awaitFree(slot);
  }

  /** Killed between the answer and its last breath: the next process must not answer again. */
  @Test
  void theNoteIsThereUntilTheTaskIsAnswered() throws Exception {
    notebook.held = Optional.of(task());
    notebook.whenTold = () -> assertThat(folder.resolve("held-cpu.json")).exists();
    Slot slot = slot();
    slot.start(task(), runner(ledger("one")).prepare(task()));
    awaitFree(slot);
    assertThat(notebook.told).containsExactly("complete: [word]");
    assertThat(folder.resolve("held-cpu.json")).doesNotExist();
  }

  /** The stage did not kill a worker that was told to end, though nothing answers any more. */
  @Test
  void anEndFromOutsideIsNoDeath() throws Exception {
    notebook.held = Optional.of(task());
    hold("{\"task\":\"t1\",\"starts\":2}");
    word.gate = new CountDownLatch(1);
    Slot slot = slot();
    slot.recover();
    word.entered.await();
    assertThat(note()).contains("\"starts\":3");
    slot.close();
    assertThat(note()).contains("\"starts\":2");
    word.gate.countDown();
    awaitFree(slot);
  }

  @Test
  void aDeathCountsAgainFromTheLastSavedStateOn() throws Exception {
    notebook.held = Optional.of(task());
    hold("{\"task\":\"t1\",\"starts\":2}");
    word.gate = new CountDownLatch(1);
    word.saving = true;
    notebook.whenTold = () -> notebook.told.add(note());
    Slot slot = slot();
    slot.recover();
    word.entered.await();
    assertThat(Files.readString(folder.resolve("held-cpu.json"))).contains("\"starts\":3");
    slot.close();
    word.gate.countDown();
    awaitFree(slot);
    assertThat(notebook.told)
        .containsExactly("back: its worker was stopped", "{\"starts\":0,\"task\":\"t1\"}");
  }

  private void hold(String note) throws Exception {
    Files.writeString(folder.resolve("held-cpu.json"), note);
  }

  private String note() {
    try {
      return Files.readString(folder.resolve("held-cpu.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitFree(Slot slot) throws InterruptedException {
    for (int i = 0; i < 500 && !slot.free(); i++) {
      Thread.sleep(20);
    }
    assertThat(slot.free()).isTrue();
  }

  private static TaskSource.Task task() {
    return Word.task("t1");
  }

  private Ledger ledger(String process) {
    return new StoredLedger(store, new StoredArtifacts(store, folder.resolve(process)));
  }

  private StageRunner runner(Ledger ledger) {
    return runner(ledger, "local-1");
  }

  private StageRunner runner(Ledger ledger, String owner) {
    return new StageRunner(
        Catalogues.of(word),
        new Stages(List.of(word)),
        Methods.load(),
        new StoredArtifacts(store, folder.resolve("cache")),
        ledger,
        Numerics.PINNED_CPU,
        "cpu",
        folder.resolve("scratch"),
        owner);
  }

  private Slot slot() {
    return slot("local-1", folder);
  }

  private Slot slot(String worker, Path state) {
    var journal = new RunJournal(store);
    return new Slot(
        Lane.CPU,
        runner(ledger(worker), worker),
        notebook,
        journal,
        new Answers(notebook, journal, worker, Map.of(), Clock.systemUTC()),
        state,
        nanos::get,
        () -> notebook.told.add("ended"));
  }
}
