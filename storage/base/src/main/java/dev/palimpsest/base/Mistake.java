package dev.palimpsest.base;

import java.util.Objects;

/**
 * Something the user can put right: an unknown name, a value out of range, a damaged file.
 *
 * <p>The message is one sentence that names the offender, what was expected and, where it is not
 * obvious, what to do. The command line exits with 2; a stage that throws it fails for good.
 */
public final class Mistake extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public Mistake(String sentence) {
    super(sentence);
  }

  public Mistake(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  /** The sentence. */
  @Override
  public String getMessage() {
    return Objects.requireNonNullElse(super.getMessage(), getClass().getSimpleName());
  }
}
