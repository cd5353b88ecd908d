package dev.palimpsest.console.artifacts;

import java.util.Optional;

/**
 * A page of a list, with links to its neighbours.
 *
 * @param page from 1
 * @param from the first place on it
 * @param to one past the last
 */
record Pager(
    int page,
    int pages,
    int from,
    int to,
    int total,
    Optional<String> before,
    Optional<String> after) {
  /**
   * @param wanted beyond the ends, the nearest page there is
   * @param url where {@code page=2} is put behind: ends in {@code ?} or {@code &}
   */
  static Pager of(int wanted, int perPage, int total, String url) {
    int pages = Math.max(1, (total + perPage - 1) / perPage);
    int page = Math.clamp(wanted, 1, pages);
    int from = (page - 1) * perPage;
    return new Pager(
        page,
        pages,
        from,
        Math.min(total, from + perPage),
        total,
        page > 1 ? Optional.of(url + "page=" + (page - 1)) : Optional.empty(),
        page < pages ? Optional.of(url + "page=" + (page + 1)) : Optional.empty());
  }
}
