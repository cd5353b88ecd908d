package dev.palimpsest.cli;

import dev.palimpsest.base.Mistake;
import java.time.Duration;
import java.util.Locale;

/** Sizes, times and states in words. */
final class Words {
  /** What a command takes for a run. */
  static final String RUN =
      "The run: its id as 'palimpsest runs' shows it, the first four characters or more, or"
          + " 'latest'.";

  private Words() {}

  /** {@code 812 B}, {@code 5.4 MB}: decimal units. */
  static String size(long bytes) {
    return dev.palimpsest.console.web.Words.size(bytes);
  }

  /** {@code 0.8 s}, {@code 42 s}, {@code 4 min 12 s}, {@code 1 h 03 min}. */
  static String duration(double seconds) {
    return dev.palimpsest.console.web.Words.duration(seconds);
  }

  /** {@code 0:42}, {@code 12:05}, {@code 1:03:00}. */
  static String clock(double seconds) {
    long whole = Math.max(0, Math.round(seconds));
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole % 3600 / 60, whole % 60);
  }

  /** A time as it is given: {@code 30d}, {@code 12h}, {@code 45m}. */
  static Duration time(String option, String given) {
    if (!given.matches("[0-9]{1,5}[dhm]")) {
      throw new Mistake(option + " is '" + given + "'; expected a time such as 30d, 12h or 45m.");
    }
    long number = Long.parseLong(given.substring(0, given.length() - 1));
    return switch (given.charAt(given.length() - 1)) {
      case 'd' -> Duration.ofDays(number);
      case 'h' -> Duration.ofHours(number);
      default -> Duration.ofMinutes(number);
    };
  }

  /** {@code 1 stage}, {@code 3 stages}. */
  static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
