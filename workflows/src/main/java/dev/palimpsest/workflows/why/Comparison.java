package dev.palimpsest.workflows.why;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.tasks.Code;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compares two identities of a stage, as records hold them. */
final class Comparison {
  private final Ledger ledger;

  Comparison(Ledger ledger) {
    this.ledger = ledger;
  }

  /** How many parts differ; the code counts as one. */
  static int distance(JsonNode before, JsonNode now) {
    return parts(before, now).size();
  }

  /** What differs, by part and name. */
  List<Difference> differences(JsonNode before, JsonNode now) {
    var all = new ArrayList<Difference>();
    for (Difference difference : parts(before, now)) {
      if (difference.part() == Difference.Part.CODE) {
        all.addAll(code(difference));
      } else {
        all.add(difference);
      }
    }
    all.sort(Comparator.comparing(Difference::part).thenComparing(Difference::name));
    return all;
  }

  private static List<Difference> parts(JsonNode before, JsonNode now) {
    var parts = new ArrayList<Difference>();
    compare(Difference.Part.AGAIN, "", before.path("again"), now.path("again"), parts);
    compare(Difference.Part.CODE, "", before.path("code"), now.path("code"), parts);
    compare(
        Difference.Part.PARAMETER, "", before.path("parameters"), now.path("parameters"), parts);
    compare(Difference.Part.INPUT, "", before.path("inputs"), now.path("inputs"), parts);
    compare(Difference.Part.SEED, "", before.path("seed"), now.path("seed"), parts);
    compare(Difference.Part.NUMERICS, "", before.path("numerics"), now.path("numerics"), parts);
    return parts;
  }

  private static void compare(
      Difference.Part part, String path, JsonNode before, JsonNode now, List<Difference> into) {
    JsonNode was = before.path("method");
    JsonNode is = now.path("method");
    if (!was.isMissingNode() && !is.isMissingNode() && !was.equals(is)) {
      // Another method has other parameters, which say nothing more.
      into.add(new Difference(part, path, text(part, was), text(part, is)));
    } else if (before.isObject() && now.isObject()) {
      var names = new TreeSet<String>();
      before.fieldNames().forEachRemaining(names::add);
      now.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        String at = path.isEmpty() ? name : path + "." + name;
        compare(part, at, before.path(name), now.path(name), into);
      }
    } else if (!before.equals(now)) {
      into.add(new Difference(part, path, text(part, before), text(part, now)));
    }
  }

  /** A parameter as JSON, so that a text is told from a number; all else as it is. */
  private static Optional<String> text(Difference.Part part, JsonNode value) {
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    return Optional.of(
        part == Difference.Part.PARAMETER ? value.toString() : value.asText(value.toString()));
  }

  private List<Difference> code(Difference whole) {
    Optional<Code> before = whole.before().flatMap(this::code);
    Optional<Code> now = whole.now().flatMap(this::code);
    if (before.isEmpty() || now.isEmpty()) {
      return List.of(whole);
    }
    var parts = new ArrayList<Difference>();
    compare(Difference.Part.CLASS, before.get().classes(), now.get().classes(), parts);
    compare(Difference.Part.RESOURCE, before.get().resources(), now.get().resources(), parts);
    compare(Difference.Part.LIBRARY, before.get().libraries(), now.get().libraries(), parts);
    return parts;
  }

  private Optional<Code> code(String digest) {
    return ledger
        .code(new Digest(digest))
        .map(manifest -> Json.read("the code " + digest, manifest, Code.class));
  }

  /** The values of two maps that differ. */
  static void compare(
      Difference.Part part, Map<String, ?> before, Map<String, ?> now, List<Difference> into) {
    var names = new TreeMap<String, Object>(before);
    names.putAll(now);
    for (String name : names.keySet()) {
      Optional<String> was = Optional.ofNullable(before.get(name)).map(Object::toString);
      Optional<String> is = Optional.ofNullable(now.get(name)).map(Object::toString);
      if (!was.equals(is)) {
        into.add(new Difference(part, name, was, is));
      }
    }
  }
}
