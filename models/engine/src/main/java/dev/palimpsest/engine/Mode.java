package dev.palimpsest.engine;

/** What batch normalisation does in a pass. */
public enum Mode {
  /** Normalises with the batch's statistics and moves the running ones. */
  TRAIN,
  /** Normalises with the batch's statistics; the running ones stay. */
  TRAIN_FROZEN_STATS,
  /** Normalises with the running statistics. */
  EVAL
}
