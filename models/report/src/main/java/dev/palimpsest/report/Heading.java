package dev.palimpsest.report;

/**
 * The lines above a figure.
 *
 * @param title may be empty
 * @param subtitle one line below the title; may be empty
 */
record Heading(String title, String subtitle) {
  /** The room it takes in pixels, with the gap below it. */
  double height() {
    return (title.isEmpty() ? 0 : 26)
        + (subtitle.isEmpty() ? 0 : 20)
        + (title.isEmpty() && subtitle.isEmpty() ? 0 : 6);
  }

  /** The width in pixels at which nothing of it is cut. */
  double width() {
    return Math.max(TextWidth.of(title, Theme.LARGE), TextWidth.of(subtitle, Theme.MEDIUM));
  }

  /** Draws it at the left and the top of a drawing with this padding. */
  void draw(Svg svg, Theme theme, double padding, double room) {
    if (!title.isEmpty()) {
      svg.text(padding, padding + 12, "start", theme.text())
          .with("font-size", Theme.LARGE)
          .with("font-weight", 600)
          .end(TextWidth.fit(title, Theme.LARGE, room));
    }
    if (!subtitle.isEmpty()) {
      svg.text(padding, padding + (title.isEmpty() ? 10 : 31), "start", theme.muted())
          .with("font-size", Theme.MEDIUM)
          .end(TextWidth.fit(subtitle, Theme.MEDIUM, room));
    }
  }
}
