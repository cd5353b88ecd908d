package dev.palimpsest.workflows.why;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/**
 * A part of a key that is not what it was.
 *
 * @param name of the class, resource, library, input or output; the path of a parameter ({@code
 *     training.lr}) or of a numerics field; empty for a part that there is once
 * @param before what it was: digest, version or JSON; empty if it was not there
 * @param now what it is; empty if it is gone
 * @param because for an input that a task made: why that task gave another than before
 */
public record Difference(
    Part part,
    String name,
    Optional<String> before,
    Optional<String> now,
    Optional<Reason> because) {
  Difference(Part part, String name, Optional<String> before, Optional<String> now) {
    this(part, name, before, now, Optional.empty());
  }

  /** The parts, in the order in which they are told. */
  public enum Part {
    /** The verification that computes it again, beside what is known. */
    AGAIN,
    /** The code as a whole, where the store does not hold what it was made of. */
    CODE,
    CLASS,
    RESOURCE,
    LIBRARY,
    PARAMETER,
    SEED,
    NUMERICS,
    INPUT,
    /** No part of a key: what one and the same key gave. */
    OUTPUT;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
