package dev.palimpsest.spec;

/**
 * Where a method was published.
 *
 * @param key the BibTeX key, such as {@code foret2021sam}
 * @param text authors, title, venue and year in one line
 * @param bibtex the whole entry
 */
public record Citation(String key, String text, String bibtex) {
  /** A paper at a conference. */
  public static Citation paper(String key, String authors, String title, String venue, int year) {
    return new Citation(
        key,
        authors.replace(" and ", ", ") + ". " + title + ". " + venue + ", " + year + ".",
        "@inproceedings{"
            + key
            + ",\n  author = {"
            + authors
            + "},\n  title = {"
            + title
            + "},\n  booktitle = {"
            + venue
            + "},\n  year = {"
            + year
            + "}\n}\n");
  }
}
