package dev.palimpsest.console.housekeeping;

import dev.palimpsest.console.web.Words;
import dev.palimpsest.storage.GarbageCollector.Count;
import dev.palimpsest.tasks.Room;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.RunNotes.Notes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The page about room.
 *
 * @param looked how the look at the store is
 * @param kinds artifacts by type, then what else is there
 * @param runs those of this page of the list
 * @param found how many runs fit the filter
 * @param page counted from 1
 * @param now when the page was made
 */
record RoomView(
    Background.Shown<Room> looked,
    Housekeeping.Collecting collecting,
    List<Kind> kinds,
    List<Line> runs,
    int found,
    Wanted wanted,
    int page,
    Instant now) {
  private static final int PAGE = 50;

  /** Which runs are wanted. */
  record Wanted(String text, boolean pinned, String page) {
    boolean all() {
      return text.isEmpty() && !pinned;
    }

    private boolean fits(Line line) {
      String all =
          line.run().run() + " " + line.run().title() + " " + String.join(" ", line.notes().tags());
      return (!pinned || line.notes().pinned())
          && all.toLowerCase(Locale.ROOT).contains(text.strip().toLowerCase(Locale.ROOT));
    }

    String at(int other) {
      return Housekeeping.PATH
          + "?q="
          + URLEncoder.encode(text, StandardCharsets.UTF_8)
          + (pinned ? "&pinned=on" : "")
          + "&page="
          + other;
    }
  }

  /**
   * Objects of one kind.
   *
   * @param share of the bytes of the largest kind, 0 to 100
   */
  record Kind(String name, Count count, double share) {}

  /**
   * A run and its room.
   *
   * @param share its own bytes' share of the largest run's, 0 to 100
   */
  record Line(RunJournal.Summary run, long own, long shared, double share, Notes notes) {
    String state() {
      return run.end()
          .map(end -> end.outcome().name().toLowerCase(Locale.ROOT))
          .orElse("not ended");
    }

    Instant submitted() {
      return Instant.parse(run.submitted());
    }

    boolean mayGo() {
      return run.end().isPresent() && !notes.pinned();
    }
  }

  static RoomView of(
      Background.Shown<Room> looked,
      Housekeeping.Collecting collecting,
      Collection<String> there,
      Map<String, Notes> notes,
      Instant now,
      Wanted wanted) {
    List<Line> fitting =
        looked
            .made()
            .map(made -> lines(made.it(), Set.copyOf(there), notes))
            .orElse(List.of())
            .stream()
            .filter(wanted::fits)
            .toList();
    int last = Math.max(1, (fitting.size() + PAGE - 1) / PAGE);
    int page =
        wanted.page().matches("[0-9]{1,6}")
            ? Math.clamp(Integer.parseInt(wanted.page()), 1, last)
            : 1;
    return new RoomView(
        looked,
        collecting,
        looked.made().map(made -> kinds(made.it())).orElse(List.of()),
        fitting.stream().skip((page - 1L) * PAGE).limit(PAGE).toList(),
        fitting.size(),
        wanted,
        page,
        now);
  }

  /** The runs that are still there. */
  private static List<Line> lines(Room room, Set<String> there, Map<String, Notes> notes) {
    long most = Math.max(1, room.runs().stream().mapToLong(Room.Share::own).max().orElse(1));
    return room.runs().stream()
        .filter(each -> there.contains(each.run().run()))
        .map(each ->
            new Line(
                each.run(),
                each.own(),
                each.shared(),
                100.0 * each.own() / most,
                notes.getOrDefault(each.run().run(), Notes.NONE)))
        .toList();
  }

  private static List<Kind> kinds(Room room) {
    long most = Math.max(1, room.types().values().stream().mapToLong(Count::bytes).max().orElse(1));
    var kinds = new ArrayList<Kind>();
    room.types()
        .forEach((name, count) -> kinds.add(new Kind(name, count, 100.0 * count.bytes() / most)));
    kinds.sort(Comparator.comparingLong((Kind kind) -> kind.count().bytes()).reversed());
    return kinds;
  }

  boolean working() {
    return looked.working() || collecting.working();
  }

  int pages() {
    return Math.max(1, (found + PAGE - 1) / PAGE);
  }

  Count artifacts() {
    return new Count(
        kinds.stream().mapToLong(kind -> kind.count().objects()).sum(),
        kinds.stream().mapToLong(kind -> kind.count().bytes()).sum());
  }

  /** What else is there, by kind. */
  Map<String, Count> others() {
    return looked.made().<Map<String, Count>>map(made -> made.it().others()).orElse(Map.of());
  }

  /** What is there of a kind, as words. */
  String other(String kind) {
    return Words.size(others().getOrDefault(kind, new Count(0, 0)).bytes());
  }
}
