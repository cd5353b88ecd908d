package dev.palimpsest.report;

import java.util.List;

/** Colours and type of figures; the same tokens as the console's. */
public enum Theme {
  LIGHT(
      "#ffffff",
      "#1c1e21",
      "#5c6168",
      "#e3e3de",
      "#c9cac4",
      List.of("#2257c4", "#b4540a", "#0f766e", "#7a3e9d", "#a3304f"),
      new Ramp("#fbf6d0", "#43a5ae", "#1c3780")),
  DARK(
      "#1b1d20",
      "#e8e9eb",
      "#a0a6ae",
      "#2c2f34",
      "#454a52",
      List.of("#86aefc", "#f0a35e", "#5ccabd", "#c9a2e8", "#f093ac"),
      new Ramp("#26304f", "#2f918f", "#fdeba6"));

  /** How many colours there are for series; further ones repeat them. */
  public static final int COLOURS = 5;

  static final String FONT = "Inter, 'Helvetica Neue', Helvetica, Arial, sans-serif";

  /** Sizes in pixels: heading of a figure, of a panel, chart text. */
  static final double LARGE = 14;

  static final double MEDIUM = 12;
  static final double SMALL = 11;

  private final String surface;
  private final String text;
  private final String muted;
  private final String line;
  private final String strong;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of, so it does not change
  private final List<String> series;

  @SuppressWarnings("ImmutableEnumChecker") // its arrays are never written to
  private final Ramp heat;

  Theme(
      String surface,
      String text,
      String muted,
      String line,
      String strong,
      List<String> series,
      Ramp heat) {
    this.surface = surface;
    this.text = text;
    this.muted = muted;
    this.line = line;
    this.strong = strong;
    this.series = series;
    this.heat = heat;
  }

  String surface() {
    return surface;
  }

  String text() {
    return text;
  }

  String muted() {
    return muted;
  }

  /** Of grid lines. */
  String line() {
    return line;
  }

  /** Of axes and frames. */
  String strong() {
    return strong;
  }

  /** The colour of series {@code index}; they repeat after {@link #COLOURS}. */
  String series(int index) {
    return series.get(Math.floorMod(index, series.size()));
  }

  /** The colour of a line in a shade from 0 to 1: what of the heat map's stands out as a line. */
  String shade(double share) {
    return heat.at(0.4 + 0.6 * share);
  }

  /** The colours of a heat map from its least to its greatest value. */
  Ramp heat() {
    return heat;
  }
}
