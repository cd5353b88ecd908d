package dev.palimpsest.base;

import java.util.Objects;

/**
 * Something that went wrong around us: a server out of reach, a full disk, bytes that do not match
 * their digest.
 *
 * <p>The message is one sentence that names the offender and what was expected. The command line
 * exits with 1.
 */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final boolean passing;

  private Failure(String sentence, Throwable cause, boolean passing) {
    super(sentence, cause);
    this.passing = passing;
  }

  public Failure(String sentence) {
    super(sentence);
    this.passing = false;
  }

  public Failure(String sentence, Throwable cause) {
    this(sentence, cause, false);
  }

  /** A failure that trying again may cure: a refused connection, a server that restarts. */
  public static Failure passing(String sentence, Throwable cause) {
    return new Failure(sentence, cause, true);
  }

  /** Whether trying again may cure it. */
  public boolean isPassing() {
    return passing;
  }

  /** The sentence. */
  @Override
  public String getMessage() {
    return Objects.requireNonNullElse(super.getMessage(), getClass().getSimpleName());
  }
}
