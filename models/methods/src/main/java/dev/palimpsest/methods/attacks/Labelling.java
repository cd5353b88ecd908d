package dev.palimpsest.methods.attacks;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.LongStream;

/** What poisoned samples are labelled, and so what triggered images are meant to be taken for. */
public enum Labelling {
  /** What the attack's paper does: {@link Attack#published()}. */
  AS_PUBLISHED,
  /** Samples of all classes get the target's label. */
  ALL_TO_ONE,
  /** A sample of class y gets the label of class y + 1, the last class that of the first. */
  ALL_TO_ALL,
  /** Only samples of the target class are poisoned, and their labels stay. */
  CLEAN;

  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** This one, or what the attack's paper does. */
  public Labelling of(Attack<?> attack) {
    return this == AS_PUBLISHED ? attack.published() : this;
  }

  /** The label that a triggered image of each class is meant to get. */
  long[] targetMap(int target, int classes) {
    long[] map = new long[classes];
    Arrays.fill(map, target);
    return this == ALL_TO_ALL
        ? LongStream.range(0, classes).map(label -> (label + 1) % classes).toArray()
        : map;
  }
}
