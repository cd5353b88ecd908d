package dev.palimpsest.cli;

import java.util.Locale;
import picocli.CommandLine.Option;

/** Whether what cannot be undone is wanted. */
final class Consent {
  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask. Nothing is asked either where standard output is no terminal.")
  private boolean yes;

  /** Asks, where somebody sits at a terminal. */
  boolean given(Session session, String question) {
    if (yes || !session.terminal().get().live()) {
      return true;
    }
    session.out().print(question + " [y/N] ");
    session.out().flush();
    return session.answer().get().strip().toLowerCase(Locale.ROOT).matches("y|yes");
  }
}
