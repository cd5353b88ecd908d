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

  /** How many letters to insert, drop, change or swap with their neighbour. */
  private static int distance(String a, String b) {
    int[][] steps = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          steps[i][j] = i + j;
          continue;
        }
        int change = steps[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        steps[i][j] = Math.min(change, 1 + Math.min(steps[i - 1][j], steps[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          steps[i][j] = Math.min(steps[i][j], steps[i - 2][j - 2] + 1);
        }
      }
    }
    return steps[a.length()][b.length()];
  }
}
