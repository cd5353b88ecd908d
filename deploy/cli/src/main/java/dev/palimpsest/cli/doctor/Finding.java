package dev.palimpsest.cli.doctor;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/**
 * What was looked at, and how it is.
 *
 * @param about a word or two
 * @param said what was found
 * @param cure what to do, in a sentence; empty where all is well
 */
public record Finding(String about, Mark mark, String said, Optional<String> cure) {
  /** How grave it is. */
  public enum Mark {
    OK,
    /** Studies run, but not as well, or not all. */
    WARNING,
    /** Studies do not run, or others can do harm. */
    PROBLEM;

    @JsonValue
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public static Finding ok(String about, String said) {
    return new Finding(about, Mark.OK, said, Optional.empty());
  }

  public static Finding warning(String about, String said, String cure) {
    return new Finding(about, Mark.WARNING, said, Optional.of(cure));
  }

  public static Finding problem(String about, String said, String cure) {
    return new Finding(about, Mark.PROBLEM, said, Optional.of(cure));
  }
}
