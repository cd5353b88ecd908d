package dev.palimpsest.workflows;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.storage.Store;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.workflows.client.Conductor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The definitions that users keep beside the shipped ones, at {@code
 * definitions/<name>/<version>.json}, as they were written. A version stays as it is for good;
 * versions count from 1 without a gap.
 */
public final class Definitions {
  /** The most bytes of a definition. */
  public static final int LARGEST = 1 << 20;

  private static final JsonFactory JSON = new JsonFactory();
  private static final String PREFIX = "definitions/";
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,63}");
  private static final Pattern KEY =
      Pattern.compile(PREFIX + "(" + NAME.pattern() + ")/([1-9][0-9]{0,8})\\.json");

  private final Store store;
  private final FileCheck check;

  public Definitions(Store store, Catalogue catalogue) {
    this.store = store;
    this.check = new FileCheck(catalogue, Optional::empty);
  }

  /** A version of a definition. */
  public record Version(String name, int version) {}

  /** The definitions there are, in order of their names. */
  public List<String> names() {
    return found(PREFIX).stream().map(Version::name).distinct().toList();
  }

  /** The versions of a definition, oldest first; none if there is none of this name. */
  public List<Integer> versions(String name) {
    return NAME.matcher(name).matches()
        ? found(PREFIX + name + "/").stream().map(Version::version).sorted().toList()
        : List.of();
  }

  /** The text of a version. */
  public Optional<String> text(String name, int version) {
    return NAME.matcher(name).matches() && version >= 1
        ? store.read(key(name, version)).map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        : Optional.empty();
  }

  /**
   * A version of a definition, or {@link Mistake} with the name that was probably meant.
   *
   * @param version the newest one if empty
   */
  public Definition get(String name, Optional<Integer> version) {
    List<Integer> versions = versions(name);
    if (versions.isEmpty()) {
      List<String> names = names();
      throw new Mistake(
          names.isEmpty()
              ? "No definition of your own is called '" + name + "'; there is none yet."
              : Names.unknown("definition", name, names));
    }
    int wanted = version.orElseGet(versions::getLast);
    String text =
        text(name, wanted)
            .orElseThrow(() ->
                new Mistake(
                    "Definition '"
                        + name
                        + "' has no version "
                        + wanted
                        + "; expected 1 to "
                        + versions.getLast()
                        + "."));
    return Definition.of(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Keeps a definition as the next version of its name; the number in its text becomes that of the
   * version. Nothing new is kept where the newest version says the same.
   *
   * @throws Mistake if anything is wrong with it, or the name is a shipped definition's
   */
  public Version register(String text) {
    FileCheck.Checked checked = check.check("the definition", text);
    Findings.refuse(checked.findings());
    String name = checked.definition().orElseThrow().name();
    while (true) {
      List<Integer> versions = versions(name);
      int newest = versions.isEmpty() ? 0 : versions.getLast();
      if (newest > 0 && same(text(name, newest).orElse(""), text)) {
        return new Version(name, newest);
      }
      byte[] bytes = numbered(text, newest + 1).getBytes(StandardCharsets.UTF_8);
      if (store.putIfAbsent(key(name, newest + 1), bytes)) {
        return new Version(name, newest + 1);
      }
      // Another writer was quicker, or this is our own whose answer was lost: the next look tells.
    }
  }

  /**
   * Makes a version known to Conductor under its name; runs do so themselves.
   *
   * @return why Conductor does not know it, if it cannot be reached or refuses
   */
  public Optional<String> announce(Version version, Conductor conductor) {
    try {
      Linked linked = Linked.of(get(version.name(), Optional.of(version.version())));
      conductor.register(linked.definition(), linked.called());
      return Optional.empty();
    } catch (Failure | Mistake e) {
      return Optional.ofNullable(e.getMessage());
    }
  }

  /** Whether a definition of one's own can have this name. */
  static boolean canBeNamed(String name) {
    return NAME.matcher(name).matches() && !Definition.SHIPPED.contains(name);
  }

  private List<Version> found(String prefix) {
    return store.list(prefix).stream()
        .map(seen -> KEY.matcher(seen.key()))
        .filter(Matcher::matches)
        .map(key -> new Version(key.group(1), Integer.parseInt(key.group(2))))
        .toList();
  }

  private static String key(String name, int version) {
    return PREFIX + name + "/" + version + ".json";
  }

  private static boolean same(String one, String other) {
    return numbered(one, 1).equals(numbered(other, 1));
  }

  /** A text of JSON with this number as its version, and otherwise as it was. */
  public static String numbered(String text, int version) {
    try (JsonParser parser = JSON.createParser(text)) {
      parser.nextToken();
      int start = (int) parser.currentLocation().getCharOffset();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean found = parser.currentName().equals("version");
        parser.nextToken();
        if (found) {
          int from = (int) parser.currentTokenLocation().getCharOffset();
          return text.substring(0, from) + version + text.substring(from + parser.getTextLength());
        }
        parser.skipChildren();
      }
      return text.substring(0, start) + "\n  \"version\": " + version + "," + text.substring(start);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
