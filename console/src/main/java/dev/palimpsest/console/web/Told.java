package dev.palimpsest.console.web;

/**
 * What went wrong with a request, in one sentence.
 *
 * @param status of HTTP; 503 where a server behind the console does not answer
 */
record Told(int status, String sentence) {
  String heading() {
    return switch (status) {
      case 403, 421 -> "Refused";
      case 404 -> "Not found";
      case 503 -> "Waiting for a server";
      case 500 -> "Something went wrong";
      default -> "That did not work";
    };
  }

  /** Whether the page is worth loading again by itself. */
  boolean passing() {
    return status == 503;
  }
}
