package dev.palimpsest.methods.attacks;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** A corner of an image. */
public enum Corner {
  UPPER_LEFT,
  UPPER_RIGHT,
  LOWER_LEFT,
  LOWER_RIGHT;

  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  boolean isLower() {
    return this == LOWER_LEFT || this == LOWER_RIGHT;
  }

  boolean isRight() {
    return this == UPPER_RIGHT || this == LOWER_RIGHT;
  }
}
