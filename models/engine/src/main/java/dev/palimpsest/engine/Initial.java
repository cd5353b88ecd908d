package dev.palimpsest.engine;

/** How a parameter's first values are drawn. */
public sealed interface Initial {
  /** Torch's default for convolutions and linear layers: U(-1/sqrt(fanIn), 1/sqrt(fanIn)). */
  static Initial uniform(long fanIn) {
    return new Uniform(1 / Math.sqrt((double) fanIn));
  }

  static Initial constant(double value) {
    return new Constant(value);
  }

  /** The next value. */
  double draw(RandomStream stream);

  /** Uniform in [-bound, bound). */
  record Uniform(double bound) implements Initial {
    @Override
    public double draw(RandomStream stream) {
      return stream.uniform(-bound, bound);
    }
  }

  /** Always the same. */
  record Constant(double value) implements Initial {
    @Override
    public double draw(RandomStream stream) {
      return value;
    }
  }
}
