package dev.palimpsest.workflows;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.palimpsest.base.JsonSyntax;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON text that findings point into.
 *
 * @param name the file's path, or what the text is
 */
record Source(String name, String text) {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** A line and column, both from 1. */
  record At(int line, int column) {}

  /** Where the values and the names of fields stand, by JSON pointer. */
  private record Positions(Map<String, At> values, Map<String, At> names) {
    Positions() {
      this(new HashMap<>(), new HashMap<>());
    }
  }

  /** Inputs that no file holds, such as settings of a command line. */
  static final Source NONE = new Source("the inputs", "");

  Finding finding(FindingCode code, Place place, String found, String expected) {
    Optional<At> at = at(place);
    return finding(code, place.pointer(), at, found, expected);
  }

  private Finding finding(
      FindingCode code, String pointer, Optional<At> at, String found, String expected) {
    return new Finding(
        code,
        code.warning() ? Finding.Severity.WARNING : Finding.Severity.ERROR,
        name,
        pointer,
        at.map(At::line).orElse(0),
        at.map(At::column).orElse(0),
        found,
        expected,
        at.map(a -> line(a.line())).orElse(""));
  }

  /** Where a value stands, or the nearest one around it. */
  private Optional<At> at(Place place) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Positions positions = new Positions();
    try (JsonParser parser = JSON.createParser(text)) {
      parser.nextToken();
      walk(parser, "", positions);
    } catch (IOException e) {
      return Optional.empty();
    }
    if (place.name() && positions.names().containsKey(place.pointer())) {
      return Optional.ofNullable(positions.names().get(place.pointer()));
    }
    String pointer = place.pointer();
    while (!positions.values().containsKey(pointer) && !pointer.isEmpty()) {
      pointer = pointer.substring(0, pointer.lastIndexOf('/'));
    }
    return Optional.ofNullable(positions.values().get(pointer));
  }

  private void walk(JsonParser parser, String pointer, Positions into) throws IOException {
    into.values().put(pointer, at(parser.currentTokenLocation()));
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String child = pointer + "/" + parser.currentName().replace("~", "~0").replace("/", "~1");
        into.names().put(child, at(parser.currentTokenLocation()));
        parser.nextToken();
        walk(parser, child, into);
      }
    } else if (parser.currentToken() == JsonToken.START_ARRAY) {
      for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
        walk(parser, pointer + "/" + i, into);
      }
    }
  }

  private static At at(JsonLocation location) {
    return new At(location.getLineNr(), location.getColumnNr());
  }

  private String line(int number) {
    List<String> lines = text.lines().toList();
    return number >= 1 && number <= lines.size() ? lines.get(number - 1) : "";
  }

  /** What keeps the text from being JSON. */
  Optional<Finding> malformed() {
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() == null) {
        return Optional.of(
            finding(
                FindingCode.NOT_JSON,
                "",
                Optional.of(new At(1, 1)),
                name + " is empty",
                "expected JSON"));
      }
      parser.skipChildren();
      if (parser.nextToken() != null) {
        return Optional.of(
            finding(
                FindingCode.NOT_JSON,
                "",
                Optional.of(at(parser.currentTokenLocation())),
                "behind the end of the JSON stands more text",
                "expected one value alone"));
      }
      return Optional.empty();
    } catch (JsonProcessingException e) {
      At at = e.getLocation() == null ? new At(1, 1) : at(e.getLocation());
      String[] words = JsonSyntax.words(e.getOriginalMessage());
      return Optional.of(finding(FindingCode.NOT_JSON, "", Optional.of(at), words[0], words[1]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
