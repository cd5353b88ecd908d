package dev.palimpsest.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RunJournalTest {
  private static final String FIRST = "0f1c5a2e-8f0b-4d0e-9a5f-3f6a9a1c7b11";
  private static final String SECOND = "0f1c77aa-0000-4d0e-9a5f-3f6a9a1c7b11";
  private static final String THIRD = "a0b1c2d3-8f0b-4d0e-9a5f-3f6a9a1c7b11";

  private final MemoryStore store = new MemoryStore();
  private final RunJournal journal = new RunJournal(store);

  private void submit(String run, String time) {
    journal.write(
        new RunJournal.Run(
            run,
            "sbl",
            Optional.of("my-study"),
            Json.object(),
            Json.object().put("seed", 7),
            Map.of(),
            time,
            Optional.empty()));
  }

  private void submitAll() {
    submit(SECOND, "2026-03-01T00:00:00Z");
    submit(FIRST, "2026-02-01T00:00:00.123456789Z");
    submit(THIRD, "2026-04-01T00:00:00Z");
  }

  @Test
  void runsAreListedInTheOrderOfTheirSubmission() {
    assertThat(journal.runs()).isEmpty();
    submitAll();
    assertThat(journal.runs()).containsExactly(THIRD, SECOND, FIRST);
    assertThat(journal.newest(2))
        .containsExactly(
            new RunJournal.Summary(
                THIRD, "my-study", "sbl", "7", "2026-04-01T00:00:00Z", Optional.empty()),
            new RunJournal.Summary(
                SECOND, "my-study", "sbl", "7", "2026-03-01T00:00:00Z", Optional.empty()));
  }

  @Test
  void theEndOfARunIsKeptAndListed() {
    submitAll();
    var end = new RunJournal.End(RunJournal.Outcome.FAILED, "2026-03-01T01:00:00Z", 3, 1);
    journal.write(SECOND, end);
    assertThat(journal.end(SECOND)).hasValue(end);
    assertThat(journal.end(FIRST)).isEmpty();
    assertThat(journal.newest(2).get(1).end()).hasValue(end);
    assertThat(journal.runs()).hasSize(3);
  }

  @Test
  void aRunIsNamedByItsIdItsBeginningOrLatest() {
    submitAll();
    assertThat(journal.find(FIRST)).isEqualTo(FIRST);
    assertThat(journal.find("0f1c5")).isEqualTo(FIRST);
    assertThat(journal.find("a0b1")).isEqualTo(THIRD);
    assertThat(journal.find("latest")).isEqualTo(THIRD);
    assertThat(journal.find("last")).isEqualTo(THIRD);
  }

  @Test
  void whatNamesNoRunOrSeveralIsRefused() {
    refused("latest", "There is no run in memory yet");
    submitAll();
    refused("0f1c", "'0f1c' may mean 2 runs (" + SECOND + ", " + FIRST + ")");
    refused("a0b", "'a0b' is too short for a run; expected at least the first 4 characters");
    refused("ffff", "Run 'ffff' is not in memory; 'palimpsest runs' lists its runs.");
    refused("../x", "Run '../x' is not in memory");
    refused("", "'' is too short for a run");
  }

  private void refused(String given, String sentence) {
    assertThatThrownBy(() -> journal.find(given))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void theIndexOfAStoreThatHasNoneIsMadeFromItsRuns() {
    submitAll();
    journal.write(
        FIRST, new RunJournal.End(RunJournal.Outcome.COMPLETED, "2026-02-01T01:00:00Z", 3, 1));
    var listed = journal.newest(3);
    store.list("index/").forEach(seen -> store.delete(seen.key()));
    assertThat(journal.newest(3)).isEqualTo(listed);
  }

  @Test
  void reindexingAddsWhatIsMissingAndDropsWhatIsGone() {
    submitAll();
    assertThat(journal.runs()).hasSize(3);
    store
        .list("index/runs/")
        .forEach(seen -> {
          if (seen.key().endsWith(FIRST)) {
            store.delete(seen.key());
          }
        });
    store.delete("runs/" + THIRD + "/run.json");
    journal.reindex();
    assertThat(journal.runs()).containsExactly(SECOND, FIRST);
  }

  @Test
  void reindexingTellsOfAnEndThatItsWriterDidNotLiveToIndex() {
    submitAll();
    var end = new RunJournal.End(RunJournal.Outcome.COMPLETED, "2026-03-01T01:00:00Z", 2, 1);
    store.put("runs/" + SECOND + "/end.json", Json.canonical(end));
    journal.reindex();
    assertThat(journal.newest(3)).contains(journal.summary(SECOND).orElseThrow());
    assertThat(journal.summary(SECOND).orElseThrow().end()).contains(end);
  }

  @Test
  void reindexingWritesADamagedLineAnew() {
    submitAll();
    List<RunJournal.Summary> before = journal.newest(3);
    store.put(store.list("index/runs/").getFirst().key(), new byte[0]);
    journal.reindex();
    assertThat(journal.newest(3)).isEqualTo(before);
  }

  @Test
  void whatOneReaderFoundInManyLinesServesTheNext() {
    for (int i = 10; i < 70; i++) {
      submit("0f1c5a2e-8f0b-4d0e-9a5f-3f6a9a1c7b" + i, "2026-03-01T00:%02d:00Z".formatted(i - 10));
    }
    List<RunJournal.Summary> all = journal.newest(100);
    assertThat(all).hasSize(60);
    String kept = new String(store.read("index/lines").orElseThrow(), StandardCharsets.UTF_8);
    store.put("index/lines", kept.replace("my-study", "as-kept").getBytes(StandardCharsets.UTF_8));
    assertThat(new RunJournal(store).newest(100))
        .as("read from what was kept")
        .hasSize(60)
        .allMatch(line -> line.title().equals("as-kept"));
    var end = new RunJournal.End(RunJournal.Outcome.COMPLETED, "2026-03-02T00:00:00Z", 2, 1);
    String last = all.getFirst().run();
    journal.write(last, end);
    assertThat(new RunJournal(store).newest(1).getFirst())
        .as("a line that changed since is read itself")
        .isEqualTo(journal.summary(last).orElseThrow());
    store.put("index/lines", new byte[] {'{'});
    assertThat(new RunJournal(store).newest(100))
        .as("what is damaged is not used")
        .hasSize(60)
        .allMatch(line -> line.title().equals("my-study"));
  }

  @Test
  void aRecordWithoutAStudysNameIsReadAndShowsTheWorkflow() {
    store.put(
        "runs/" + FIRST + "/run.json",
        """
        {"run": "%s", "study": "sbl", "definition": {}, "inputs": {}, "code": {},
         "submitted": "2026-02-01T00:00:00Z"}
        """
            .formatted(FIRST)
            .getBytes(StandardCharsets.UTF_8));
    assertThat(journal.run(FIRST).orElseThrow().title()).isEmpty();
    assertThat(journal.newest(1))
        .containsExactly(
            new RunJournal.Summary(
                FIRST, "sbl", "sbl", "", "2026-02-01T00:00:00Z", Optional.empty()));
  }

  @Test
  void aRemovedRunLeavesNothingAndAnEndThatComesLaterDoesNotBringItBack() {
    submitAll();
    journal.write(SECOND, new RunJournal.Live("a", "w", noProgress(), 1));
    journal.remove(SECOND);
    journal.write(
        SECOND, new RunJournal.End(RunJournal.Outcome.FAILED, "2026-03-01T01:00:00Z", 0, 0));
    assertThat(store.list("runs/" + SECOND)).isEmpty();
    assertThat(journal.runs()).isEqualTo(List.of(THIRD, FIRST));
  }

  @Test
  void aRunThatGoesOnAgainHasNotEnded() {
    submitAll();
    journal.write(
        SECOND, new RunJournal.End(RunJournal.Outcome.FAILED, "2026-03-01T01:00:00Z", 1, 0));
    assertThat(journal.newest(3)).extracting(each -> each.end().isPresent()).contains(true);
    journal.reopen(SECOND);
    assertThat(journal.end(SECOND)).isEmpty();
    assertThat(journal.newest(3)).extracting(each -> each.end().isPresent()).containsOnly(false);
    journal.write(
        SECOND, new RunJournal.End(RunJournal.Outcome.COMPLETED, "2026-03-01T02:00:00Z", 2, 0));
    assertThat(journal.newest(3))
        .filteredOn(each -> each.run().equals(SECOND))
        .allMatch(each -> each.end().orElseThrow().stages() == 2);
  }

  private static StageContext.Progress noProgress() {
    return new StageContext.Progress(0, 1, "", Map.of());
  }

  @Test
  void verificationsOfARunAreListedInTheOrderInWhichTheyFinished() {
    var early = new RunJournal.Verified("b", Optional.empty(), List.of(), "2026-01-01T00:00:00Z");
    var late =
        new RunJournal.Verified(
            "c", Optional.of("task1"), List.of("task1"), "2026-01-02T00:00:00Z");
    assertThat(journal.verified("a")).isEmpty();
    journal.write("a", 1, late);
    journal.write("a", 0, early);
    assertThat(journal.verified("a")).containsExactly(early, late);
  }
}
