package dev.palimpsest.console.submit;

import dev.palimpsest.workflows.Finding;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A finding as the page shows it.
 *
 * @param here whether it stands in the text, and not in a definition that this one calls
 * @param meaning of its code; every second piece is code
 */
record Found(
    boolean error,
    String code,
    boolean here,
    int line,
    int column,
    String where,
    String sentence,
    String excerpt,
    List<String> meaning,
    List<String> remedy,
    Optional<Fix> fix) {
  private static final Pattern MEANT = Pattern.compile("'([^']+)'; did you mean '([^']+)'\\?");

  /** The name that stands there, and the one that was probably meant. */
  record Fix(String old, String meant) {}

  static Found of(Finding finding) {
    boolean here = finding.file().equals(Checks.TEXT) && finding.line() > 0;
    Matcher meant = MEANT.matcher(finding.sentence());
    Optional<Fix> fix =
        here && meant.find() && finding.excerpt().contains(meant.group(1))
            ? Optional.of(new Fix(meant.group(1), meant.group(2)))
            : Optional.empty();
    return new Found(
        finding.severity() == Finding.Severity.ERROR,
        finding.code().label(),
        here,
        finding.line(),
        finding.column(),
        here ? "Line " + finding.line() : finding.where(),
        finding.sentence(),
        finding.excerpt().strip(),
        pieces(finding.code().meaning()),
        pieces(finding.code().remedy()),
        fix);
  }

  private static List<String> pieces(String markdown) {
    return List.of(markdown.split("`", -1));
  }
}
