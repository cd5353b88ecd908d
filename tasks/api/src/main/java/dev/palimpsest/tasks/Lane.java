package dev.palimpsest.tasks;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Where a stage runs: a gpu stage trains or evaluates and takes its worker for itself. */
public enum Lane {
  CPU,
  GPU;

  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
