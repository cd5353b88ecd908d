package dev.palimpsest.spec;

/**
 * Where a method was published.
 *
 * @param key the BibTeX key, such as {@code foret2021sam}
 * @param text authors, title, venue and year in one line
 * @param bibtex the whole entry
 */
public record Citation(String key, String text, String bibtex) {
  /**
   * A paper at a conference.
   *
   * @param authors full names, joined by {@code " and "}
   */
  public static Citation paper(String key, String authors, String title, String venue, int year) {
    return new Citation(
        key,
        authors.replace(" and ", ", ") + ". " + title + ". " + venue + ", " + year + ".",
        "@inproceedings{"
            + key
            + ",\n  author = {"
            + escaped(authors)
            // Braces twice: BibTeX would write the title's capitals small.
            + "},\n  title = {{"
            + escaped(title)
            + "}},\n  booktitle = {"
            + escaped(venue)
            + "},\n  year = {"
            + year
            + "}\n}\n");
  }

  /** Plain text as LaTeX reads it. */
  private static String escaped(String text) {
    return text.replace("\\", "\\textbackslash ")
        .replaceAll("[&%$#_{}]", "\\\\$0")
        .replace("~", "\\textasciitilde{}")
        .replace("^", "\\textasciicircum{}");
  }
}
