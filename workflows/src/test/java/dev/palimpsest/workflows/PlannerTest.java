package dev.palimpsest.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.StoredLedger;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageCall;
import dev.palimpsest.tasks.StageKey;
import dev.palimpsest.workflows.Plan.Planned;
import dev.palimpsest.workflows.Plan.State;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans of the sample definition beside what a run of it then does. */
final class PlannerTest {
  private static final Definition DEFINITION =
      Definition.of("test", Sample.RIGHT.getBytes(StandardCharsets.UTF_8));

  @TempDir Path folder;
  private final MemoryStore store = new MemoryStore();
  private final RunJournal journal = new RunJournal(store);
  private final Catalogue catalogue = Sample.catalogue();
  private StoredArtifacts artifacts;
  private StoredLedger ledger;

  @BeforeEach
  void open() {
    artifacts = new StoredArtifacts(store, folder.resolve("cache"));
    ledger = new StoredLedger(store, artifacts);
  }

  @Test
  void beforeAnyRunWhatHasItsInputsWillRunAndTheRestIsNotYetKnown() {
    Plan plan = plan(inputs(3));
    assertThat(plan.tasks())
        .extracting(Planned::task, Planned::state, Planned::awaits)
        .containsExactly(
            tuple("first", State.RUNS, List.of()),
            tuple("second", State.RUNS, List.of()),
            tuple("compare", State.UNKNOWN, List.of("first", "second")));
    assertThat(plan.tasks()).allSatisfy(task -> assertThat(task.seconds()).isEmpty());
  }

  @Test
  void afterARunEverythingIsCachedUnderTheKeysThatTheRunHad() throws IOException {
    Map<String, Digest> keys = run("run-1", inputs(3));
    Plan plan = plan(inputs(3));
    assertThat(plan.count(State.CACHED)).isEqualTo(3);
    assertThat(plan.tasks())
        .allSatisfy(task -> assertThat(task.key()).contains(keys.get(task.task())));
  }

  @Test
  void aSettingRunsWhatItReachesAndWhatFollowsIsNotYetKnown() throws IOException {
    run("run-1", inputs(3));
    Plan plan = plan(inputs(4));
    assertThat(states(plan))
        .isEqualTo(Map.of("first", State.RUNS, "second", State.CACHED, "compare", State.UNKNOWN));
    assertThat(plan.tasks().getLast().awaits()).containsExactly("first");
    assertThat(plan.tasks().getFirst().settings()).containsExactly("epochs=4", "attack=badnets");
    assertThat(plan.tasks().get(1).settings()).containsExactly("epochs=2", "attack=badnets");
  }

  @Test
  void aLostOutputIsComputedAgain() throws IOException {
    Map<String, Digest> keys = run("run-1", inputs(3));
    StageRecord record = ledger.newest(keys.getOrDefault("second", Digest.of(""))).orElseThrow();
    String lost = record.outputs().values().iterator().next().sha256().hex();
    store.delete("blobs/sha256/" + lost.substring(0, 2) + "/" + lost);
    assertThat(states(plan(inputs(3))))
        .isEqualTo(Map.of("first", State.CACHED, "second", State.RUNS, "compare", State.UNKNOWN));
  }

  @Test
  void tasksOfOneKeyAreComputedOnce() {
    Plan plan =
        new Planner(catalogue, PlannerTest::key, ledger, times())
            .of(
                Definition.of(
                    "test",
                    Sample.RIGHT
                        .replace("{\"method\": \"badnets\", \"size\": 3}", "\"badnets\"")
                        .getBytes(StandardCharsets.UTF_8)),
                inputs(2));
    assertThat(plan.tasks().get(0).state()).isEqualTo(State.RUNS);
    assertThat(plan.tasks().get(1).state()).isEqualTo(State.SHARED);
    assertThat(plan.tasks().get(1).awaits()).containsExactly("first");
  }

  @Test
  void aSwitchIsTakenASubWorkflowEnteredAndALoopToldAsFarAsTheyAreKnown() {
    String train =
        "{\"name\": \"train\", \"taskReferenceName\": \"%s\", \"type\": \"SIMPLE\","
            + " \"inputParameters\": {\"parameters\": {\"epochs\": %d, \"attack\": \"badnets\"},"
            + " \"inputs\": {\"data\": \"${workflow.input.data}\"}, \"seed\": 1}}";
    String text =
        "{\"name\": \"study\", \"version\": 1, \"inputParameters\": [\"seed\", \"data\","
            + " \"epochs\"], \"subWorkflows\": {\"inner\": {\"name\": \"inner\", \"version\": 1,"
            + " \"inputParameters\": [\"data\"], \"tasks\": ["
            + train.formatted("net", 6)
            + "]}}, \"tasks\": [{\"name\": \"s\", \"taskReferenceName\": \"s\", \"type\":"
            + " \"SWITCH\", \"evaluatorType\": \"value-param\", \"expression\": \"e\","
            + " \"inputParameters\": {\"e\": \"${workflow.input.epochs}\"}, \"decisionCases\":"
            + " {\"3\": ["
            + train.formatted("three", 4)
            + "]}, \"defaultCase\": ["
            + train.formatted("other", 5)
            + "]}, {\"name\": \"inner\", \"taskReferenceName\": \"sub\", \"type\":"
            + " \"SUB_WORKFLOW\", \"subWorkflowParam\": {\"name\": \"inner\"}, \"inputParameters\":"
            + " {\"data\": \"${workflow.input.data}\"}}, {\"name\": \"l\", \"taskReferenceName\":"
            + " \"loop\", \"type\": \"DO_WHILE\", \"loopOver\": ["
            + train.formatted("round", 7)
            + "]}]}";
    Definition definition = Definition.of("test", text.getBytes(StandardCharsets.UTF_8));
    assertThat(
            new Planner(catalogue, PlannerTest::key, ledger, times())
                .of(definition, inputs(3))
                .tasks())
        .extracting(Planned::task, Planned::state, Planned::awaits)
        .containsExactly(
            tuple("three", State.RUNS, List.of()),
            tuple("sub.net", State.RUNS, List.of()),
            tuple("round", State.UNKNOWN, List.of("loop")));
    assertThat(
            new Planner(catalogue, PlannerTest::key, ledger, times())
                .of(definition, inputs(4))
                .tasks()
                .getFirst()
                .task())
        .isEqualTo("other");
  }

  @Test
  void timesAreThoseOfTheNearestComputationOfTheStage() throws IOException {
    run("run-1", inputs(3));
    run("run-2", inputs(50));
    // Of run-1 'first' took 1 s and 'second' 2 s; in run-2 only 'first' was computed, in 4 s.
    Plan plan = plan(inputs(3));
    assertThat(plan.tasks())
        .extracting(Planned::seconds)
        .containsExactly(OptionalDouble.of(1), OptionalDouble.of(2), OptionalDouble.of(6));
    assertThat(plan(inputs(50)).tasks().getFirst().seconds()).hasValue(4);
    // As far from both: the newer run's, of this task.
    assertThat(plan(inputs(7)).tasks().getFirst().seconds()).hasValue(4);
    assertThat(plan(inputs(7)).seconds(State.RUNS)).isEqualTo(4);
  }

  private static ObjectNode inputs(int epochs) {
    ObjectNode given = Sample.inputs();
    given.set("epochs", IntNode.valueOf(epochs));
    return DefinitionCheck.inputs(DEFINITION, given);
  }

  private Plan plan(ObjectNode inputs) {
    return new Planner(catalogue, PlannerTest::key, ledger, times()).of(DEFINITION, inputs);
  }

  private PastTimes times() {
    return new PastTimes(journal, ledger, List.of("run-2", "run-1"));
  }

  private static StageKey key(StageCall call) {
    return call.key(Sample.code("code"));
  }

  private static Map<String, State> states(Plan plan) {
    var states = new TreeMap<String, State>();
    plan.tasks().forEach(task -> states.put(task.task(), task.state()));
    return states;
  }

  /** Does what Conductor and a worker do; the keys by task. */
  private Map<String, Digest> run(String run, ObjectNode inputs) throws IOException {
    var keys = new TreeMap<String, Digest>();
    var values = new HashMap<String, JsonNode>();
    int seconds = journal.stages("run-1").size();
    for (Definition.Task task : DEFINITION.stages()) {
      seconds++;
      JsonNode given =
          Expressions.replace(
              task.json().path("inputParameters"),
              path ->
                  values.containsKey(path)
                      ? values.get(path)
                      : inputs.path(path.substring("workflow.input.".length())));
      Catalogue.StageEntry stage = catalogue.stage(task.name());
      StageKey key =
          key(
              StageCall.of(
                  stage.name(),
                  stage.parameters(),
                  stage.inputs(),
                  new Parameters(catalogue),
                  given));
      boolean cached = ledger.hit(key.key()).isPresent();
      if (!cached) {
        var outputs = new TreeMap<String, Reference>();
        for (var port : stage.outputs()) {
          Path file = Files.writeString(folder.resolve("out"), key.key() + port.name());
          outputs.put(port.name(), artifacts.put(port.type().label(), file, List.of()));
        }
        ledger.publish(new StageRecord(key.key(), 0, stage.name(), key.identity(), outputs));
      }
      Map<String, Reference> outputs = ledger.hit(key.key()).orElseThrow().outputs();
      outputs.forEach((name, reference) ->
          values.put(task.reference() + ".output." + name, Json.tree(reference)));
      keys.put(task.reference(), key.key());
      journal.write(
          run,
          new RunJournal.StageEntry(
              task.reference(),
              stage.name(),
              key.key(),
              0,
              cached,
              cached ? 0 : seconds,
              1,
              "worker",
              Map.of(),
              outputs,
              "2026-01-01T00:00:0" + seconds + "Z"));
    }
    return keys;
  }
}
