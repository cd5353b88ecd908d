package dev.palimpsest.spec;

import java.util.Optional;

/**
 * A member of one of the {@linkplain Kind kinds}, written as one class and found through {@code
 * ServiceLoader}.
 *
 * <p>An implementation holds no state: what a method remembers during a run lives in an object made
 * for that run, and randomness is passed in.
 *
 * @param <P> its parameters: a record whose components carry {@link Param}
 */
public interface Method<P extends Record> {
  Kind kind();

  /** The only public key: lower case, digits and hyphens, unique within the kind. */
  String name();

  /** One sentence for the reference page and the console. */
  String summary();

  Citation citation();

  /** What it works from, where methods of its kind differ in that: {@code no data}. */
  default Optional<String> needs() {
    return Optional.empty();
  }

  Class<P> parameters();
}
