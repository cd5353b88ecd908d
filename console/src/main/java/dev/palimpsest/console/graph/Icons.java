package dev.palimpsest.console.graph;

/** The icon of a state, 16 by 16: its shape tells it without its colour. */
final class Icons {
  private static final String DISC = "<circle class=\"fill\" cx=\"8\" cy=\"8\" r=\"7.5\"/>";
  private static final String RING = "<circle class=\"ring\" cx=\"8\" cy=\"8\" r=\"6.75\"/>";
  private static final String CHECK = "d=\"M4.8 8.2 7.1 10.4 11.3 5.9\"/>";
  private static final String PLAY = "d=\"M6.4 4.9v6.2l5-3.1z\"/>";
  private static final String ON = "<path class=\"on\" ";
  private static final String LINE = "<path class=\"ring\" ";

  private Icons() {}

  static String of(String state) {
    return switch (state) {
      case "clean", "clean here" -> LINE + "d=\"M4 1.75h5.5L12.5 4.75v9.5h-8.5zM9.5 1.75v3h3\"/>";
      case "tainted", "tainted here" -> LINE + "d=\"M8 1.75 15 14.25H1zM8 6v4M8 12.2h.01\"/>";
      case "done" -> DISC + ON + CHECK;
      case "cached" -> RING + LINE + CHECK;
      case "running" -> DISC + "<path class=\"solid\" " + PLAY;
      case "runs" -> RING + "<path class=\"fill\" " + PLAY;
      case "queued" -> RING + LINE + "d=\"M5 8h.01M8 8h.01M11 8h.01\"/>";
      case "failed" ->
          "<rect class=\"fill\" x=\".5\" y=\".5\" width=\"15\" height=\"15\" rx=\"3\"/>"
              + ON
              + "d=\"m5.2 5.2 5.6 5.6m0-5.6-5.6 5.6\"/>";
      case "cancelled" -> RING + LINE + "d=\"M5 8h6\"/>";
      case "waiting" ->
          "<circle class=\"ring dashed\" cx=\"8\" cy=\"8\" r=\"6.75\"/>"
              + LINE
              + "d=\"M8 4.6V8l2 1.6\"/>";
      default ->
          RING + LINE + "d=\"M6.3 6.4c0-2.3 3.4-2.3 3.4-.2 0 1.5-1.7 1.4-1.7 2.9m0 2.1h.01\"/>";
    };
  }
}
