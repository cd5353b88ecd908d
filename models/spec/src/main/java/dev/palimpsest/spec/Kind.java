package dev.palimpsest.spec;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The kinds of method. The kinds are closed; their members are open. */
public enum Kind {
  /** Reads a data set's files. */
  DATA,
  /** An architecture. */
  NETWORK,
  /** Poisons training data. */
  ATTACK,
  /** Removes a backdoor from a trained network. */
  DEFENCE,
  /** Tells whether, and where, there is a backdoor. */
  DETECTOR,
  /** Learns a task without forgetting the former ones. */
  LEARNER,
  /** Maps a new representation back to an old one. */
  RECTIFIER,
  /** Says something about a network. */
  MEASURE;

  /** The kind as it stands in JSON and in sentences. */
  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
