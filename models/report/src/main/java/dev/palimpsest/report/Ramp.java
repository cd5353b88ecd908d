package dev.palimpsest.report;

import java.util.Arrays;

/**
 * A scale of colours, even to the eye: straight lines in Oklab (Björn Ottosson, "A perceptual color
 * space for image processing", 2020), passed at one speed.
 */
final class Ramp {
  static final Ramp LIGHT = new Ramp("#fbf6d0", "#43a5ae", "#1c3780");
  static final Ramp DARK = new Ramp("#26304f", "#2f918f", "#fdeba6");

  private final double[][] stops;

  /** Through these colours, two or more, each {@code #rrggbb}. */
  Ramp(String... colours) {
    stops = Arrays.stream(colours).map(Ramp::oklab).toArray(double[][]::new);
  }

  /**
   * The colour {@code #rrggbb} at this place of the scale.
   *
   * @param share 0 to 1
   */
  String at(double share) {
    double total = 0;
    for (int i = 1; i < stops.length; i++) {
      total += distance(stops[i - 1], stops[i]);
    }
    double left = share * total;
    int to = 1;
    while (to < stops.length - 1 && left > distance(stops[to - 1], stops[to])) {
      left -= distance(stops[to - 1], stops[to]);
      to++;
    }
    double[] from = stops[to - 1];
    double part = left / distance(from, stops[to]);
    double[] lab = new double[3];
    for (int i = 0; i < 3; i++) {
      lab[i] = from[i] + part * (stops[to][i] - from[i]);
    }
    return hex(lab);
  }

  static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }

  /** Black or white, whichever stands out more on {@code #rrggbb}. */
  static String on(String colour) {
    double[] rgb = linear(colour);
    double luminance = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
    // The contrast ratios of WCAG 2: 1.05 / (L + 0.05) of white, (L + 0.05) / 0.05 of black.
    return 1.05 * 0.05 > (luminance + 0.05) * (luminance + 0.05) ? "#ffffff" : "#000000";
  }

  /** Lightness 0 to 1, green to red, blue to yellow. */
  static double[] oklab(String colour) {
    double[] rgb = linear(colour);
    double l =
        StrictMath.cbrt(0.4122214708 * rgb[0] + 0.5363325363 * rgb[1] + 0.0514459929 * rgb[2]);
    double m =
        StrictMath.cbrt(0.2119034982 * rgb[0] + 0.6806995451 * rgb[1] + 0.1073969566 * rgb[2]);
    double s =
        StrictMath.cbrt(0.0883024619 * rgb[0] + 0.2817188376 * rgb[1] + 0.6299787005 * rgb[2]);
    return new double[] {
      0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
    };
  }

  private static String hex(double[] lab) {
    double l = cube(lab[0] + 0.3963377774 * lab[1] + 0.2158037573 * lab[2]);
    double m = cube(lab[0] - 0.1055613458 * lab[1] - 0.0638541728 * lab[2]);
    double s = cube(lab[0] - 0.0894841775 * lab[1] - 1.2914855480 * lab[2]);
    int red = channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
    int green = channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
    int blue = channel(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
    return "#" + Integer.toHexString(0x1000000 | red << 16 | green << 8 | blue).substring(1);
  }

  private static double cube(double value) {
    return value * value * value;
  }

  /** From linear light to 0..255 of sRGB. */
  private static int channel(double linear) {
    double value =
        linear <= 0.0031308 ? 12.92 * linear : 1.055 * StrictMath.pow(linear, 1 / 2.4) - 0.055;
    return (int) Math.rint(255 * Math.clamp(value, 0, 1));
  }

  /** Red, green and blue from 0 to 1 in linear light. */
  private static double[] linear(String colour) {
    int rgb = Integer.parseInt(colour.substring(1), 16);
    double[] linear = new double[3];
    for (int i = 0; i < 3; i++) {
      double value = (rgb >> (16 - 8 * i) & 0xff) / 255.0;
      linear[i] = value <= 0.04045 ? value / 12.92 : StrictMath.pow((value + 0.055) / 1.055, 2.4);
    }
    return linear;
  }
}
