package dev.palimpsest.methods.rectifiers;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How features come from the newest space to an old one. */
public enum Path {
  /** Through the rectifier of every task between, as published. */
  CHAIN,
  /** Each old task has its own map from the newest space. */
  DIRECT;

  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
