package dev.palimpsest.methods.attacks;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** When the trigger meets a training image. */
public enum Timing {
  /** Chosen samples carry it from the start, so augmentation crops and mirrors it. */
  STATIC,
  /** Samples are chosen anew in every batch, after augmentation. */
  DYNAMIC;

  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
