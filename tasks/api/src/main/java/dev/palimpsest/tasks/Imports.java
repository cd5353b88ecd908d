package dev.palimpsest.tasks;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.Store;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What was brought into the store under a name, at {@code imports/<name>.json}: a checkpoint, a
 * data set. What it refers to is kept as long as the name is.
 */
public final class Imports {
  /** What stands before the name in an input of a study: {@code import:my-net}. */
  public static final String NAMED = "import:";

  private static final String PREFIX = "imports/";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

  private final Store store;

  public Imports(Store store) {
    this.store = store;
  }

  /**
   * An import.
   *
   * @param name how studies name it
   * @param parts its artifacts by name: {@code checkpoint}, or {@code train} and {@code test}
   * @param imported ISO 8601 instant
   */
  public record Import(String name, Map<String, Reference> parts, String imported) {
    public Import {
      parts = Collections.unmodifiableMap(new TreeMap<>(parts));
    }
  }

  /** Throws {@link Mistake} unless an import can have this name. */
  public static String checked(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new Mistake(
          "'"
              + name
              + "' cannot name an import; expected up to 64 letters, digits, '-' and '_'; give one"
              + " with --name.");
    }
    return name;
  }

  /**
   * Keeps an import under its name.
   *
   * @param replace whether another one of this name gives way
   * @throws Mistake if the name is taken by other artifacts
   */
  public void keep(Import made, boolean replace) {
    Optional<Import> present = named(checked(made.name()));
    if (!replace && present.isPresent() && !present.get().parts().equals(made.parts())) {
      throw new Mistake(
          "The name '"
              + made.name()
              + "' is taken by what was imported on "
              + present.get().imported()
              + "; give another with --name, or --replace.");
    }
    store.put(key(made.name()), Json.canonical(made));
  }

  /** The import of this name, if there is one. */
  public Optional<Import> named(String name) {
    return store.read(key(checked(name))).map(bytes -> read(key(name), bytes));
  }

  /** The import of this name, or {@link Mistake} with the name that was probably meant. */
  public Import get(String name) {
    return named(name)
        .orElseThrow(() -> {
          List<String> names = all().stream().map(Import::name).toList();
          return new Mistake(
              names.isEmpty()
                  ? "Nothing was imported as '" + name + "'; 'palimpsest import' does."
                  : Names.unknown("import", name, names));
        });
  }

  /** Every import, by name. */
  public List<Import> all() {
    return store.list(PREFIX).stream()
        .map(Store.Stat::key)
        .flatMap(key -> store.read(key).map(bytes -> read(key, bytes)).stream())
        .toList();
  }

  private static Import read(String key, byte[] bytes) {
    return Json.read("the object " + key, bytes, Import.class);
  }

  private static String key(String name) {
    return PREFIX + name + ".json";
  }
}
