package dev.palimpsest.workflows;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * Something wrong with a definition or its inputs, and where it stands.
 *
 * @param file whose text it is: a path, or the name of a definition that comes with Palimpsest
 * @param path JSON pointer into that text
 * @param line from 1; 0 where no text holds it, as for a setting of the command line
 * @param column from 1; 0 as for the line
 * @param found what stands there, as the first half of a sentence
 * @param expected what should, as the second half; empty where the first says it all
 * @param excerpt the line of the text; empty where there is none
 */
public record Finding(
    FindingCode code,
    Severity severity,
    String file,
    String path,
    int line,
    int column,
    String found,
    String expected,
    String excerpt) {
  /** How bad it is. */
  public enum Severity {
    /** It keeps the definition from running. */
    ERROR,
    /** The run may wait. */
    WARNING;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The whole sentence. */
  public String sentence() {
    String end = expected.isEmpty() ? found : found + "; " + expected;
    return end.endsWith(".") || end.endsWith("?") ? end : end + ".";
  }

  /** {@code study.json:12:7}; the file alone where there is no line. */
  public String where() {
    return line == 0 ? file : file + ":" + line + ":" + column;
  }
}
