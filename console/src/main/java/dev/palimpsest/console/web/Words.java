package dev.palimpsest.console.web;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Sizes, times and numbers in words, by rules that depend on no locale and no machine. */
public final class Words {
  private static final DateTimeFormatter EXACT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("yyyy-MM-dd", Locale.ROOT).withZone(ZoneOffset.UTC);

  private Words() {}

  /** {@code 812 B}, {@code 5.4 MB}: decimal units. */
  public static String size(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    String[] units = {"kB", "MB", "GB", "TB"};
    double value = bytes;
    int unit = -1;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, units[unit]);
  }

  /** {@code 0.8 s}, {@code 42 s}, {@code 4 min 12 s}, {@code 1 h 03 min}. */
  public static String duration(double seconds) {
    if (seconds < 9.95) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    if (whole < 60) {
      return whole + " s";
    }
    return whole < 3600
        ? whole / 60 + " min " + String.format(Locale.ROOT, "%02d s", whole % 60)
        : whole / 3600 + " h " + String.format(Locale.ROOT, "%02d min", whole % 3600 / 60);
  }

  /** {@code 1 stage}, {@code 3 stages}, {@code 12,000 samples}. */
  public static String count(long number, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
  }

  /** {@code just now}, {@code 3 min ago}, {@code 2 h ago}, {@code 5 days ago}, or the day. */
  public static String ago(Instant then, Instant now) {
    Duration time = Duration.between(then, now);
    if (time.toSeconds() < 10) {
      return "just now";
    }
    if (time.toSeconds() < 90) {
      return time.toSeconds() + " s ago";
    }
    if (time.toMinutes() < 90) {
      return time.toMinutes() + " min ago";
    }
    if (time.toHours() < 48) {
      return time.toHours() + " h ago";
    }
    return time.toDays() < 14 ? time.toDays() + " days ago" : DAY.format(then);
  }

  /** {@code 2026-03-01 14:05:09 UTC}. */
  public static String exact(Instant then) {
    return EXACT.format(then);
  }
}
