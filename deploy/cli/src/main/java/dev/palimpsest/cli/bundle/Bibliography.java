package dev.palimpsest.cli.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.SideBySide;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Catalogue.MethodEntry;
import dev.palimpsest.tasks.Catalogue.StageEntry;
import dev.palimpsest.tasks.CodeIndex;
import dev.palimpsest.tasks.RunJournal;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a run stands on, as BibTeX: the papers of its workflow and of every method that it used. */
public final class Bibliography {
  private static final Pattern KEY = Pattern.compile("@[a-z]+\\{([^,\\s]+),");

  private final Catalogue catalogue;
  private final SortedMap<String, String> entries = new TreeMap<>();

  private Bibliography(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  /**
   * The entries by key, each once.
   *
   * @param definition names the workflow's own papers in {@code metadata.citations}
   */
  static String of(Catalogue catalogue, JsonNode definition, Collection<StageRecord> records) {
    var bibliography = new Bibliography(catalogue);
    definition
        .path("metadata")
        .path("citations")
        .forEach(entry -> bibliography.add(entry.asText()));
    records.forEach(bibliography::add);
    return String.join("\n", bibliography.entries.values());
  }

  /** The entries of a run whose records lie in this ledger. */
  public static String of(
      Catalogue catalogue, RunJournal.Run run, List<RunJournal.StageEntry> entries, Ledger ledger) {
    List<Digest> keys = entries.stream().map(RunJournal.StageEntry::key).distinct().toList();
    List<StageRecord> records =
        SideBySide.map(keys, ledger::newest).stream().flatMap(Optional::stream).toList();
    return of(catalogue, run.definition(), records);
  }

  private void add(StageRecord record) {
    catalogue.stages().stream()
        .filter(stage -> stage.name().equals(record.stage()))
        .map(StageEntry::parameters)
        .forEach(fields -> add(fields, record.identity().path("parameters")));
    SortedMap<String, List<String>> reached = catalogue.code().reached();
    List<String> code = reached.getOrDefault(CodeIndex.stage(record.stage()), List.of());
    // A stage names no measure: it has those whose code is part of its own.
    catalogue.methods().stream()
        .filter(method -> method.kind() == Kind.MEASURE)
        .filter(method ->
            code.containsAll(
                reached.getOrDefault(CodeIndex.method(method.kind(), method.name()), List.of(""))))
        .map(MethodEntry::citation)
        .forEach(this::add);
  }

  private void add(List<Field> fields, JsonNode parameters) {
    for (Field field : fields) {
      JsonNode value = parameters.path(field.name());
      add(field.fields(), value);
      if (field.choose().isPresent()) {
        String name = value.path("method").asText();
        catalogue.methods().stream()
            .filter(method -> method.kind() == field.choose().get() && method.name().equals(name))
            .forEach(method -> {
              add(method.citation());
              add(method.parameters(), value);
            });
      }
    }
  }

  private void add(Citation citation) {
    entries.put(citation.key(), citation.bibtex());
  }

  private void add(String entry) {
    Matcher key = KEY.matcher(entry);
    if (key.lookingAt()) {
      entries.putIfAbsent(key.group(1), entry.endsWith("\n") ? entry : entry + "\n");
    }
  }
}
