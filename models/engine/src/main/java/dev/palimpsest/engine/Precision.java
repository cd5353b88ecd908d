package dev.palimpsest.engine;

import ai.djl.ndarray.types.DataType;

/** The floating-point type that a network computes in. */
public enum Precision {
  F32(DataType.FLOAT32),
  F64(DataType.FLOAT64);

  private final DataType type;

  Precision(DataType type) {
    this.type = type;
  }

  public DataType type() {
    return type;
  }
}
