package dev.palimpsest.console.web;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.RecentlyUsed;
import dev.palimpsest.storage.SideBySide;
import dev.palimpsest.tasks.RunJournal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What tells runs of the same study apart, in a few words. */
public final class ToldApart {
  private static final int MOST_KEPT = 1000;
  private static final int MOST_INPUTS = 3;
  private static final int LONGEST = 28;

  /** A run's column of its own. */
  private static final String SEED = "seed";

  private final RunJournal journal;

  /** The inputs of runs, which do not change. */
  private final Map<String, SequencedMap<String, String>> inputs = RecentlyUsed.map(MOST_KEPT);

  public ToldApart(RunJournal journal) {
    this.journal = journal;
  }

  /**
   * For each run the inputs that are not what most of the given runs of its study have, such as
   * {@code task1.rho 0.05, sam.lr 0.1}; no words where all are, and none of the seed.
   */
  public Map<String, String> among(List<RunJournal.Summary> runs) {
    SideBySide.map(
        runs.stream().map(RunJournal.Summary::run).filter(run -> !inputs.containsKey(run)).toList(),
        this::read);
    var words = new HashMap<String, String>();
    runs.stream()
        .collect(Collectors.groupingBy(run -> List.of(run.title(), run.workflow())))
        .values()
        .forEach(study -> words.putAll(within(study)));
    return words;
  }

  /** Of a record that cannot be read there are no words; its own page tells why. */
  private Optional<SequencedMap<String, String>> read(String run) {
    try {
      return journal.run(run).map(record -> inputs.put(run, FlatInputs.of(record.inputs())));
    } catch (Mistake e) {
      return Optional.empty();
    }
  }

  private Map<String, String> within(List<RunJournal.Summary> study) {
    var given = new TreeMap<String, SequencedMap<String, String>>();
    study.forEach(run ->
        Optional.ofNullable(inputs.get(run.run())).ifPresent(each -> given.put(run.run(), each)));
    var names = new TreeSet<String>();
    given.values().forEach(each -> names.addAll(each.keySet()));
    names.remove(SEED);
    var differing = new HashMap<String, List<String>>();
    for (String name : names) {
      Optional<String> usual = usual(name, given.values());
      given.forEach((run, each) -> {
        String value = each.getOrDefault(name, "–");
        if (!usual.equals(Optional.of(value))) {
          differing.computeIfAbsent(run, key -> new ArrayList<>()).add(name + " " + brief(value));
        }
      });
    }
    return differing.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, each -> line(each.getValue())));
  }

  /** What more than half of them have. */
  private static Optional<String> usual(
      String name, Collection<SequencedMap<String, String>> given) {
    return given.stream()
        .map(each -> each.getOrDefault(name, "–"))
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()))
        .entrySet()
        .stream()
        .filter(value -> 2 * value.getValue() > given.size())
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static String brief(String value) {
    return value.length() <= LONGEST ? value : value.substring(0, LONGEST - 1) + "…";
  }

  private static String line(List<String> all) {
    int more = all.size() - MOST_INPUTS;
    return String.join(", ", all.subList(0, Math.min(MOST_INPUTS, all.size())))
        + (more > 0 ? " and " + more + " more" : "");
  }
}
