package dev.palimpsest.methods.measures;

import dev.palimpsest.tensors.Tensor;

/** Elements of floating point as doubles. */
final class Values {
  private Values() {}

  static double[] of(Tensor tensor) {
    if (tensor.type() == Tensor.Type.F64) {
      return tensor.doubles();
    }
    float[] floats = tensor.floats();
    double[] values = new double[floats.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = floats[i];
    }
    return values;
  }

  /** As a tensor of the given one's type and shape. */
  static Tensor like(Tensor tensor, double... values) {
    if (tensor.type() == Tensor.Type.F64) {
      return Tensor.of(values, tensor.shape());
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Tensor.of(floats, tensor.shape());
  }
}
