package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.tensors.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Samples drawn from a buffer. Each array is made anew when it is asked for, and belongs to the
 * open {@link dev.palimpsest.engine.Scope}.
 */
public final class Replay {
  private final List<Sample> samples;
  private final long[] imageShape;
  private final Compute compute;
  private final Precision precision;

  Replay(List<Sample> samples, long[] imageShape, Compute compute, Precision precision) {
    this.samples = List.copyOf(samples);
    this.imageShape = imageShape;
    this.compute = compute;
    this.precision = precision;
  }

  public int size() {
    return samples.size();
  }

  /** Images and labels, not augmented. */
  public Batch batch() {
    Tensor bytes = Sample.images(samples, imageShape);
    long[] labels = samples.stream().mapToLong(Sample::label).toArray();
    return new Batch(
        compute.array(bytes).toType(precision.type(), false).divi(255),
        compute.array(labels),
        compute.manager().create(new boolean[labels.length]));
  }

  /** Images, augmented, and labels. */
  public Batch batch(UnaryOperator<NDArray> augment) {
    Batch whole = batch();
    return whole.withImages(augment.apply(whole.images()));
  }

  /** The task that each sample came with. */
  public long[] tasks() {
    return samples.stream().mapToLong(Sample::task).toArray();
  }

  /** The logits kept, [n, classes]; zero where a sample has fewer. */
  public NDArray logits(long classes) {
    return rows(Sample::logits, classes);
  }

  /** 1 where a sample has a logit and 0 where it has none, [n, classes]. */
  public NDArray logitsKept(long classes) {
    return rows(
        sample -> {
          float[] ones = new float[sample.logits().length];
          Arrays.fill(ones, 1);
          return ones;
        },
        classes);
  }

  /** The features kept, [n, features]. */
  public NDArray features() {
    return rows(Sample::features, samples.getFirst().features().length);
  }

  private NDArray rows(Function<Sample, float[]> row, long width) {
    return compute.array(Sample.rows(samples, row, Math.toIntExact(width)), precision);
  }
}
