package dev.palimpsest.methods.attacks;

import dev.palimpsest.engine.Stepwise;

/** A trigger in the making. */
public interface Crafting extends Stepwise {
  /** What was made, once all steps are done. */
  Crafted crafted();
}
