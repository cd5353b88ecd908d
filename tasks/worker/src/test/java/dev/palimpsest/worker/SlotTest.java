package dev.palimpsest.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.spec.Fields;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Param;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Code;
import dev.palimpsest.tasks.CodeIndex;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a slot does with the task that a former process of its worker held. */
final class SlotTest {
  /** Writes one word. */
  private static final class Word implements Stage<Word.Parameters> {
    /** The word. */
    record Parameters(@Param(help = "the word", value = "\"yes\"") String word) {}

    volatile CountDownLatch gate = new CountDownLatch(0);

    @Override
    public String name() {
      return "word";
    }

    @Override
    public String summary() {
      return "Writes a word.";
    }

    @Override
    public Lane lane() {
      return Lane.CPU;
    }

    @Override
    public Class<Parameters> parameters() {
      return Parameters.class;
    }

    @Override
    public List<Port> inputs() {
      return List.of();
    }

    @Override
    public List<Port> outputs() {
      return List.of(Port.of("word", ArtifactType.RESULT, "the word"));
    }

    @Override
    public void run(Parameters parameters, StageContext context) {
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      context.write("word", Json.object().put("word", parameters.word()));
    }
  }

  /** Keeps what it is told. */
  private static final class Notebook implements TaskSource {
    final List<String> told = new CopyOnWriteArrayList<>();
    Optional<Task> held = Optional.empty();

    @Override
    public Optional<Task> poll(Set<Lane> lanes) {
      return Optional.empty();
    }

    @Override
    public Optional<Task> held(String id) {
      return held.filter(task -> task.id().equals(id));
    }

    @Override
    public void extend(Task task) {}

    @Override
    public void giveBack(Task task, Duration delay, String why) {
      told.add("back: " + why);
    }

    @Override
    public void complete(Task task, Map<String, Reference> outputs, Map<String, Object> about) {
      told.add("complete: " + outputs.keySet());
    }

    @Override
    public void fail(Task task, String sentence) {
      told.add("fail: " + sentence);
    }

    @Override
    public void log(Task task, String line) {}
  }

  @TempDir Path folder;
  private final MemoryStore store = new MemoryStore();
  private final Notebook notebook = new Notebook();
  private final Word word = new Word();

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
            "fail: The worker died 3 times while it ran stage 'word'; expected it to survive: see"
                + " the worker's log.");
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
    Slot slot = slot();
    slot.start(task(), runner(ledger("one")).prepare(task()));
    assertThat(Files.readString(folder.resolve("held-cpu.json"))).contains("\"task\":\"t1\"");
    assertThat(slot.free()).isFalse();
    word.gate.countDown();
    awaitFree(slot);
    assertThat(folder.resolve("held-cpu.json")).doesNotExist();
  }

  private void hold(String note) throws Exception {
    Files.writeString(folder.resolve("held-cpu.json"), note);
  }

  private static void awaitFree(Slot slot) throws InterruptedException {
    for (int i = 0; i < 500 && !slot.free(); i++) {
      Thread.sleep(20);
    }
    assertThat(slot.free()).isTrue();
  }

  private TaskSource.Task task() {
    ObjectNode input = Json.object();
    input.set("parameters", Json.object());
    input.set("inputs", Json.object());
    input.put("seed", 1);
    return new TaskSource.Task("t1", "run", "say", "word", input, 1);
  }

  private Ledger ledger(String process) {
    return new StoredLedger(store, new StoredArtifacts(store, folder.resolve(process)));
  }

  private StageRunner runner(Ledger ledger) {
    var entry =
        new Catalogue.StageEntry(
            "word",
            "Writes a word.",
            Lane.CPU,
            Fields.of(Word.Parameters.class),
            word.inputs(),
            word.outputs());
    var code =
        new CodeIndex(
            new Code(
                new TreeMap<>(Map.of("SlotTest", Digest.of("code"))),
                new TreeMap<>(),
                new TreeMap<>()),
            new TreeMap<>(Map.of(CodeIndex.stage(entry.name()), List.of("SlotTest"))));
    return new StageRunner(
        new Catalogue(List.of(entry), List.of(), code),
        new Stages(List.of(word)),
        Methods.load(),
        new StoredArtifacts(store, folder.resolve("cache")),
        ledger,
        Numerics.PINNED_CPU,
        "cpu",
        folder.resolve("scratch"),
        "local-1");
  }

  private Slot slot() {
    var journal = new RunJournal(store);
    return new Slot(
        Lane.CPU,
        runner(ledger("two")),
        notebook,
        journal,
        new Answers(notebook, journal, "local-1", Map.of(), Clock.systemUTC()),
        folder);
  }
}
