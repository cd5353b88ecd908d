package dev.palimpsest.console.housekeeping;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.web.Request;
import dev.palimpsest.console.web.Section;
import dev.palimpsest.console.web.Site;
import dev.palimpsest.storage.GarbageCollector;
import dev.palimpsest.storage.GarbageCollector.Count;
import dev.palimpsest.tasks.Room;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.workflows.Removal;
import dev.palimpsest.workflows.RunList;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;

/** What takes room, and what may go. */
public final class Housekeeping implements Site.Part {
  static final String PATH = "/housekeeping";

  /** What is younger than one of these stays when is collected what nothing refers to. */
  private static final SequencedMap<String, Duration> GRACE = new LinkedHashMap<>();

  static {
    GRACE.put("24 hours", Duration.ofHours(24));
    GRACE.put("7 days", Duration.ofDays(7));
    GRACE.put("1 hour", Duration.ofHours(1));
  }

  private final Services services;
  private final Background<Room> room;
  private final Background<Unused> unused;
  private final Background<Unused> collected;

  public Housekeeping(Services services) {
    this.services = services;
    this.room = new Background<>("look at the store", services.clock());
    this.unused = new Background<>("look for what nothing refers to", services.clock());
    this.collected = new Background<>("collect", services.clock());
  }

  /**
   * What nothing refers to.
   *
   * @param grace one of the keys of {@link #GRACE}
   */
  record Unused(String grace, SortedMap<String, Count> kinds) {
    Count all() {
      return new Count(
          kinds.values().stream().mapToLong(Count::objects).sum(),
          kinds.values().stream().mapToLong(Count::bytes).sum());
    }
  }

  /** What the card about it shows. */
  record Collecting(
      Background.Shown<Unused> unused, Background.Shown<Unused> collected, List<String> graces) {
    boolean working() {
      return unused.working() || collected.working();
    }

    /** What would go, unless it went already. */
    Optional<Background.Made<Unused>> found() {
      return unused
          .made()
          .filter(
              found -> collected.made().map(gone -> gone.at().isBefore(found.at())).orElse(true));
    }
  }

  @Override
  public void addTo(Site site) {
    site.get(PATH, this::page)
        .post(
            PATH + "/look",
            request -> {
              look();
              request.redirect(PATH);
            })
        .post(
            PATH + "/unused",
            request -> {
              String grace = grace(request);
              unused.begin(() -> new Unused(grace, collector(grace).look()));
              request.redirect(PATH + "#unused");
            })
        .post(
            PATH + "/collect",
            request -> {
              String grace = grace(request);
              collected.begin(() -> collect(grace));
              request.redirect(PATH + "#unused");
            })
        .get(PATH + "/remove", this::ask)
        .post(PATH + "/remove", this::remove);
  }

  private void page(Request request) {
    if (room.now().fresh()) {
      look();
    }
    Background.Shown<Room> looked = room.now();
    // Before there is room to show, the store is left to who looks at it.
    boolean shown = looked.made().isPresent();
    request.page(
        "housekeeping/page.jte",
        Section.HOUSEKEEPING,
        "Housekeeping",
        RoomView.of(
            looked,
            new Collecting(unused.now(), collected.now(), List.copyOf(GRACE.keySet())),
            shown ? services.journal().runs() : List.of(),
            shown ? services.notes().all() : Map.of(),
            services.clock().instant(),
            new RoomView.Wanted(
                request.query("q").orElse(""),
                request.query("pinned").isPresent(),
                request.query("page").orElse(""))));
  }

  private void look() {
    room.begin(() -> Room.of(services.store()));
  }

  private static String grace(Request request) {
    String given = request.required("grace");
    if (!GRACE.containsKey(given)) {
      throw new Mistake(
          "The grace time is '"
              + given
              + "'; expected one of "
              + String.join(", ", GRACE.keySet())
              + ".");
    }
    return given;
  }

  private GarbageCollector collector(String grace) {
    return new GarbageCollector(services.store(), GRACE.getOrDefault(grace, Duration.ofDays(7)));
  }

  private Unused collect(String grace) {
    SortedMap<String, Count> gone = collector(grace).collect();
    services.journal().reindex();
    look();
    return new Unused(grace, gone);
  }

  private Removal removal() {
    return new Removal(
        services.store(), Optional.of(services.conductor()), services.cluster(), services.clock());
  }

  private List<RunList.Line> chosen(List<String> runs) {
    if (runs.isEmpty()) {
      throw new Mistake("No run is chosen; expected at least one: tick those that are to go.");
    }
    return removal().named(runs);
  }

  private void ask(Request request) {
    Map<String, Room.Share> shares = new HashMap<>();
    room.now()
        .made()
        .ifPresent(made -> made.it().runs().forEach(share -> shares.put(share.run().run(), share)));
    List<RunList.Line> lines = chosen(request.context().queryParams("run"));
    request.page(
        "housekeeping/remove.jte",
        Section.HOUSEKEEPING,
        "Remove runs",
        new Asked(
            lines.stream().map(RunList.Line::summary).toList(),
            lines.stream()
                .flatMap(line -> Optional.ofNullable(shares.get(line.summary().run())).stream())
                .mapToLong(Room.Share::own)
                .sum(),
            services.clock().instant()));
  }

  /**
   * What is asked before runs are removed.
   *
   * @param own bytes of artifacts that no other run refers to, as far as they are known
   */
  record Asked(List<RunJournal.Summary> runs, long own, java.time.Instant now) {}

  private void remove(Request request) {
    Removal removal = removal();
    chosen(request.context().formParams("run")).forEach(removal::remove);
    request.redirect(PATH);
  }
}
