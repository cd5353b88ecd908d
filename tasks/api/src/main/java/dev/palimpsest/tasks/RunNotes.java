package dev.palimpsest.tasks;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.SideBySide;
import dev.palimpsest.storage.Store;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * What people write beside a run: under {@code notes/<run>.json}, apart from what the run wrote, so
 * that the runs with notes are listed without a walk over all runs. They go with their run.
 */
public final class RunNotes {
  private static final String FOLDER = "notes/";
  private static final String ENDING = ".json";
  private static final int LONGEST = 10_000;
  private static final int MOST_TAGS = 20;
  private static final String TAG = "[\\p{L}\\p{N}][\\p{L}\\p{N}._:-]{0,39}";

  private final Store store;

  /** By key and version, so that listing again reads only what is new. */
  private final Map<Store.Stat, Notes> known = new ConcurrentHashMap<>();

  public RunNotes(Store store) {
    this.store = store;
  }

  /**
   * The notes of a run.
   *
   * @param text of at most 10,000 characters; empty for none
   * @param tags at most 20, in lower case and sorted, each of up to 40 letters, digits and {@code .
   *     _ : -}
   * @param pinned whether the run is to stay until it is no longer pinned
   */
  public record Notes(String text, List<String> tags, boolean pinned) {
    /** Throws {@link Mistake} for what is too long, and for a tag of other characters. */
    public Notes {
      text = text.strip();
      tags = tags.stream().map(RunNotes::tag).distinct().sorted().toList();
      if (text.length() > LONGEST) {
        throw new Mistake(
            "The notes have "
                + text.length()
                + " characters; expected at most "
                + LONGEST
                + ": shorten them.");
      }
      if (tags.size() > MOST_TAGS) {
        throw new Mistake(
            "There are " + tags.size() + " tags; expected at most " + MOST_TAGS + " on a run.");
      }
    }

    public static final Notes NONE = new Notes("", List.of(), false);

    /**
     * With the tags of a line, which commas and blanks separate.
     *
     * @throws Mistake for a tag of other characters
     */
    public static List<String> tags(String line) {
      return Arrays.stream(line.strip().split("[,\\s]+")).filter(tag -> !tag.isEmpty()).toList();
    }

    /** The same, pinned or not. */
    public Notes pinned(boolean now) {
      return new Notes(text, tags, now);
    }
  }

  private static String tag(String given) {
    String tag = given.strip().toLowerCase(Locale.ROOT);
    if (!tag.matches(TAG)) {
      throw new Mistake(
          "The tag '"
              + given
              + "' is none; expected up to 40 letters, digits and . _ : - such as paper-v2.");
    }
    return tag;
  }

  /** The notes of a run; {@link Notes#NONE} where nobody wrote any. */
  public Notes of(String run) {
    return read(key(run)).orElse(Notes.NONE);
  }

  /** The notes of all runs that have some, by run. */
  public SortedMap<String, Notes> all() {
    List<Store.Stat> seen = store.list(FOLDER);
    known.keySet().retainAll(List.copyOf(seen));
    SideBySide.map(
        seen.stream().filter(stat -> !known.containsKey(stat)).toList(),
        stat -> read(stat.key()).map(notes -> known.put(stat, notes)));
    var all = new TreeMap<String, Notes>();
    seen.forEach(
        stat -> Optional.ofNullable(known.get(stat)).ifPresent(notes -> all.put(run(stat), notes)));
    return all;
  }

  /**
   * Writes the notes of a run in the place of those it had.
   *
   * @throws Mistake where the store has no such run
   */
  public void write(String run, Notes notes) {
    if (new RunJournal(store).run(run).isEmpty()) {
      throw new Mistake("Run '" + run + "' is not in " + store.where() + "; it has no notes.");
    }
    if (notes.equals(Notes.NONE)) {
      forget(run);
    } else {
      store.put(key(run), Json.canonical(notes));
    }
  }

  /** Changes the notes of a run; see {@link #write}. */
  public void change(String run, UnaryOperator<Notes> how) {
    write(run, how.apply(of(run)));
  }

  void forget(String run) {
    store.delete(key(run));
  }

  private Optional<Notes> read(String key) {
    return store.read(key).map(bytes -> Json.read("the notes " + key, bytes, Notes.class));
  }

  private static String key(String run) {
    return FOLDER + run + ENDING;
  }

  private static String run(Store.Stat seen) {
    return seen.key().substring(FOLDER.length(), seen.key().length() - ENDING.length());
  }
}
