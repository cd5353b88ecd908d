package dev.palimpsest.report;

import java.util.List;
import java.util.function.Function;

/** Colours and type of figures; the same tokens as the console's. */
public enum Theme {
  LIGHT(
      "#ffffff",
      "#1c1e21",
      "#5c6168",
      "#e3e3de",
      "#c9cac4",
      List.of("#2257c4", "#b4540a", "#0f766e", "#7a3e9d", "#a3304f"),
      Ramp.LIGHT),
  DARK(
      "#1b1d20",
      "#e8e9eb",
      "#a0a6ae",
      "#2c2f34",
      "#454a52",
      List.of("#86aefc", "#f0a35e", "#5ccabd", "#c9a2e8", "#f093ac"),
      Ramp.DARK),
  /** For a drawing within a page of the console: it follows the page's tokens and scheme. */
  PAGE(
      "none",
      "var(--text)",
      "var(--muted)",
      "var(--line)",
      "var(--strong)",
      List.of(
          "var(--series-1)",
          "var(--series-2)",
          "var(--series-3)",
          "var(--series-4)",
          "var(--series-5)"),
      Ramp.LIGHT,
      Ramp.DARK);

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

  /** One, or one for light and one for dark pages. */
  @SuppressWarnings(
      "ImmutableEnumChecker") // made by List.of, and their arrays are never written to
  private final List<Ramp> heat;

  Theme(
      String surface,
      String text,
      String muted,
      String line,
      String strong,
      List<String> series,
      Ramp... heat) {
    this.surface = surface;
    this.text = text;
    this.muted = muted;
    this.line = line;
    this.strong = strong;
    this.series = series;
    this.heat = List.of(heat);
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
    return heat(0.4 + 0.6 * share);
  }

  /** The colour of a heat map at this place between its least and its greatest value, 0 to 1. */
  String heat(double share) {
    return either(ramp -> ramp.at(share));
  }

  /** The colour of text on {@link #heat}. */
  String onHeat(double share) {
    return either(ramp -> Ramp.on(ramp.at(share)));
  }

  private String either(Function<Ramp, String> colour) {
    List<String> colours = heat.stream().map(colour).distinct().toList();
    return colours.size() == 1
        ? colours.getFirst()
        : "light-dark(" + String.join(",", colours) + ")";
  }
}
