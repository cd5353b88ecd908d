package dev.palimpsest.methods.detectors;

import dev.palimpsest.engine.Stepwise;

/** A detector at work. */
public interface Detection extends Stepwise {
  /** What was found; asked for when it is finished. */
  Finding finding();
}
