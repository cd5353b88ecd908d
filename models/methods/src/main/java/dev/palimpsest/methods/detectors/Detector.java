package dev.palimpsest.methods.detectors;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Method;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells from a network, or from a network and images, whether and where there is a backdoor.
 *
 * @param <P> its parameters
 */
public interface Detector<P extends Record> extends Method<P> {
  /** What gets a score. */
  enum Subject {
    /** Each class: whether it is an attack's target. */
    CLASSES,
    /** Each suspect image: whether it carries a trigger. */
    IMAGES;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Images that a detector may need. */
  enum Need {
    /** Images known to be clean, with their true labels. */
    CLEAN,
    /** Images some of which may carry a trigger, with the labels that they came with. */
    SUSPECTS;

    @JsonValue
    public String label() {
      return this == CLEAN ? "clean images" : "suspect images";
    }
  }

  /**
   * Which images there are.
   *
   * @param clean known to be clean
   * @param suspects some may carry a trigger
   */
  record Evidence(Optional<Images> clean, Optional<Images> suspects) {
    Images clean(Detector<?> detector) {
      return clean.orElseThrow(() -> lacks(detector, "clean images"));
    }

    Images suspects(Detector<?> detector) {
      return suspects.orElseThrow(() -> lacks(detector, "suspect images"));
    }

    private static Mistake lacks(Detector<?> detector, String what) {
      return new Mistake(
          "detector '" + detector.name() + "' needs " + what + ", and there are none; give some.");
    }
  }

  @Override
  default Kind kind() {
    return Kind.DETECTOR;
  }

  Subject subject();

  /** The images that it looks at beside the network. */
  Set<Need> images();

  @Override
  default Optional<String> needs() {
    return Optional.of(
        images().stream().sorted().map(Need::label).collect(Collectors.joining(" and ")));
  }

  /**
   * Begins to look at {@code net}, which stays as it is. The arguments stay the caller's to close.
   *
   * @throws Mistake if images that it needs are not there
   */
  Detection start(P parameters, Net net, Evidence evidence, Randomness randomness);
}
