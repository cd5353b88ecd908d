package dev.palimpsest.base;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the name that was probably meant. */
public final class Names {
  private Names() {}

  /** The known name nearest to {@code given}, if it is near enough to be what was meant. */
  public static Optional<String> nearest(String given, Collection<String> known) {
    int limit = Math.max(1, given.length() / 3);
    return known.stream()
        .filter(name -> distance(given, name) <= limit)
        .min(Comparator.comparingInt((String name) -> distance(given, name)).thenComparing(n -> n));
  }

  /**
   * The sentence for an unknown name: {@code unknown stage 'trian'; did you mean 'train'?} or, when
   * none is near, the list of known ones.
   */
  public static String unknown(String what, String given, Collection<String> known) {
    String hint =
        nearest(given, known)
            .map(name -> "did you mean '" + name + "'?")
            .orElseGet(() ->
                "expected one of " + String.join(", ", known.stream().sorted().toList()) + ".");
    return "unknown " + what + " '" + given + "'; " + hint;
  }

  /** Levenshtein distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitute = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substitute, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
