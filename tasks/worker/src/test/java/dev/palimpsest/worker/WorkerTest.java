package dev.palimpsest.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.spec.Methods;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Store;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.RunJournal;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkerTest {
  @TempDir Path folder;
  private final MemoryStore store = new MemoryStore();
  private final Notebook notebook = new Notebook();
  private final Word word = new Word();

  @Test
  void leasesAreRenewedWhileTheStoreHangsUnderLiveProgress() throws Exception {
    var asked = new CountDownLatch(1);
    var end = new CountDownLatch(1);
    Store hung = hanging(asked, end);
    word.gate = end;
    notebook.held = Optional.of(Word.task("t1"));
    try (var worker = new Worker(notebook, runner(), answers(), List.of(slot(hung)))) {
      Thread.ofPlatform().daemon().start(worker::serve);
      assertThat(asked.await(1, TimeUnit.MINUTES)).as("live progress is written").isTrue();
      notebook.extended = new CountDownLatch(2);
      assertThat(notebook.extended.await(1, TimeUnit.MINUTES)).as("two renewals").isTrue();
    } finally {
      end.countDown();
    }
  }

  /** Conductor knows it as this worker's; only the answer to the poll was lost. */
  @Test
  void aTaskThatWasHandedOutAndLostIsComputed() throws Exception {
    var answered = new CountDownLatch(1);
    notebook.whenTold = answered::countDown;
    notebook.held = Optional.of(Word.task("t1"));
    try (var worker = new Worker(notebook, runner(), answers(), List.of(slot(store)))) {
      Thread.ofPlatform().daemon().start(worker::serve);
      assertThat(answered.await(1, TimeUnit.MINUTES)).as("an answer").isTrue();
      assertThat(notebook.told.getFirst()).startsWith("complete: ");
    }
  }

  @Test
  void aTaskThatWasAnsweredSinceItWasListedIsNotBegunAgain() throws Exception {
    var polledAgain = new CountDownLatch(2);
    var end = new CountDownLatch(1);
    word.gate = end;
    notebook.held = Optional.of(Word.task("t1"));
    notebook.whenListed = () -> notebook.held = Optional.empty();
    notebook.whenPolled = polledAgain::countDown;
    Slot slot = slot(store);
    try (var worker = new Worker(notebook, runner(), answers(), List.of(slot))) {
      Thread.ofPlatform().daemon().start(worker::serve);
      assertThat(polledAgain.await(1, TimeUnit.MINUTES)).as("a second poll").isTrue();
      assertThat(slot.free()).as("nothing is computed").isTrue();
    } finally {
      end.countDown();
    }
  }

  @Test
  void anIdleWorkerKeepsLookingForWhatWentAstray() throws Exception {
    var reminded = new CountDownLatch(4);
    var answered = new CountDownLatch(1);
    notebook.whenReminded = reminded::countDown;
    notebook.whenTold = answered::countDown;
    try (var worker =
        new Worker(notebook, runner(), answers(), List.of(slot(store)), Duration.ofMillis(1))) {
      Thread.ofPlatform().daemon().start(worker::serve);
      assertThat(reminded.await(1, TimeUnit.MINUTES)).as("four reminders").isTrue();
      notebook.held = Optional.of(Word.task("t1"));
      assertThat(answered.await(1, TimeUnit.MINUTES)).as("an answer").isTrue();
    }
  }

  /** A store of which no call comes back until the end. */
  private static Store hanging(CountDownLatch asked, CountDownLatch end) {
    return (Store)
        Proxy.newProxyInstance(
            Store.class.getClassLoader(),
            new Class<?>[] {Store.class},
            (proxy, method, arguments) -> {
              asked.countDown();
              end.await();
              throw new IllegalStateException("the store is gone");
            });
  }

  private Slot slot(Store live) {
    return new Slot(
        Lane.CPU,
        runner(),
        notebook,
        new RunJournal(live),
        answers(),
        folder,
        System::nanoTime,
        () -> {});
  }

  private Answers answers() {
    return new Answers(notebook, new RunJournal(store), "local-1", Map.of(), Clock.systemUTC());
  }

  private StageRunner runner() {
    var artifacts = new StoredArtifacts(store, folder.resolve("cache"));
    return new StageRunner(
        Catalogues.of(word),
        new Stages(List.of(word)),
        Methods.load(),
        artifacts,
        new StoredLedger(store, artifacts),
        Numerics.PINNED_CPU,
        "cpu",
        folder.resolve("scratch"),
        "local-1");
  }
}
