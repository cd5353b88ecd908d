package dev.palimpsest.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.tasks.RunNotes.Notes;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RunNotesTest {
  private static final String RUN = "0f1c5a2e-8f0b-4d0e-9a5f-3f6a9a1c7b11";
  private static final String OTHER = "a0b1c2d3-8f0b-4d0e-9a5f-3f6a9a1c7b11";

  private final MemoryStore store = new MemoryStore();
  private final RunJournal journal = new RunJournal(store);
  private final RunNotes notes = new RunNotes(store);

  @BeforeEach
  void submit() {
    for (String run : List.of(RUN, OTHER)) {
      journal.write(
          new RunJournal.Run(
              run, "sbl", Json.object(), Json.object(), Map.of(), "2026-03-01T00:00:00Z"));
    }
  }

  @Test
  void whatIsWrittenIsReadAndListed() {
    assertThat(notes.of(RUN)).isEqualTo(Notes.NONE);
    assertThat(notes.all()).isEmpty();
    var written = new Notes(" the one of figure 3\n", List.of("Paper-v2", "good", "good"), true);
    notes.write(RUN, written);
    assertThat(notes.of(RUN))
        .isEqualTo(new Notes("the one of figure 3", List.of("good", "paper-v2"), true));
    assertThat(notes.all()).containsOnly(Map.entry(RUN, written));
    assertThat(new RunNotes(store).all()).isEqualTo(notes.all());
  }

  @Test
  void aChangeIsSeenByWhoListedBefore() {
    notes.change(RUN, each -> each.pinned(true));
    assertThat(notes.all()).containsEntry(RUN, new Notes("", List.of(), true));
    new RunNotes(store).write(RUN, new Notes("why", List.of(), false));
    assertThat(notes.all()).containsEntry(RUN, new Notes("why", List.of(), false));
    notes.change(RUN, each -> Notes.NONE);
    assertThat(notes.all()).isEmpty();
    assertThat(store.list("notes/")).isEmpty();
  }

  @Test
  void notesGoWithTheirRun() {
    notes.change(RUN, each -> each.pinned(true));
    notes.change(OTHER, each -> each.pinned(true));
    journal.remove(RUN);
    assertThat(notes.all()).containsOnlyKeys(OTHER);
    assertThatThrownBy(() -> notes.change(RUN, each -> each.pinned(true)))
        .isInstanceOf(Mistake.class)
        .hasMessageStartingWith("Run '" + RUN + "' is not in memory");
    assertThat(journal.runs()).containsExactly(OTHER);
  }

  @Test
  void tagsOfALineAreSeparatedByCommasAndBlanks() {
    assertThat(Notes.tags(" a, b  c,,d ")).containsExactly("a", "b", "c", "d");
    assertThat(Notes.tags("  ")).isEmpty();
  }

  @Test
  void whatIsTooLongOrNoTagIsRefused() {
    refused("", List.of("<b>"), "The tag '<b>' is none; expected up to 40 letters");
    refused("", List.of("x".repeat(41)), "expected up to 40 letters");
    refused("x".repeat(10_001), List.of(), "The notes have 10001 characters; expected at most");
    List<String> many = IntStream.range(0, 21).mapToObj(i -> "t" + i).toList();
    refused("", many, "There are 21 tags; expected at most 20");
  }

  private static void refused(String text, List<String> tags, String says) {
    assertThatThrownBy(() -> new Notes(text, tags, false))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining(says);
  }
}
