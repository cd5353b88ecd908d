package dev.palimpsest.methods.detectors;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Reads a few numbers from every image, batch by batch, and judges when all are read. */
final class Reading implements Detection {
  private static final String ROWS = "rows";
  private static final String DONE = "done";

  /** What is read. */
  interface Reader {
    /**
     * Numbers of each image, [n, numbers]; they belong to the open scope.
     *
     * @param images [n, channels, height, width]
     * @param batch counts batches from 0, for random numbers of its own
     */
    NDArray of(NDArray images, long batch);
  }

  private record Batch(Images images, int from, int to) {}

  private final Net net;
  private final List<Batch> batches = new ArrayList<>();
  private final Reader reader;
  private final Function<double[][], Finding> judge;
  private final List<double[]> rows = new ArrayList<>();
  private int done;

  /**
   * Of several sets of images, one after the other.
   *
   * @param batch images a step
   * @param judge is given the numbers of all images in order
   */
  Reading(
      Net net, List<Images> images, int batch, Reader reader, Function<double[][], Finding> judge) {
    this.net = net;
    this.reader = reader;
    this.judge = judge;
    for (Images each : images) {
      for (int from = 0; from < each.size(); from += batch) {
        batches.add(new Batch(each, from, Math.min(each.size(), from + batch)));
      }
    }
  }

  @Override
  public long total() {
    return batches.size();
  }

  @Override
  public long done() {
    return done;
  }

  @Override
  public Progress step() {
    Batch batch = batches.get(done);
    try (Scope scope = Scope.open()) {
      int[] places = IntStream.range(batch.from(), batch.to()).toArray();
      NDArray read = reader.of(batch.images().batch(net.precision(), places).images(), done);
      double[] flat = read.toType(Precision.F64.type(), false).toDoubleArray();
      int width = flat.length / places.length;
      for (int i = 0; i < places.length; i++) {
        rows.add(Arrays.copyOfRange(flat, i * width, (i + 1) * width));
      }
    }
    done++;
    return new Progress(done, total(), 1, 1, finished(), Map.of());
  }

  @Override
  public Finding finding() {
    return judge.apply(rows.toArray(new double[0][]));
  }

  @Override
  public long gradientEvaluations() {
    return 0;
  }

  @Override
  public Tensors state() {
    int width = rows.isEmpty() ? 0 : rows.getFirst().length;
    double[] flat = rows.stream().flatMapToDouble(Arrays::stream).toArray();
    return new Tensors.Builder()
        .put(DONE, Tensor.of(new long[] {done, total()}, 2))
        .put(ROWS, Tensor.of(flat, rows.size(), width))
        .build();
  }

  @Override
  public void restore(Tensors state) {
    long[] counts = state.get(DONE).longs();
    if (counts[1] != total()) {
      throw new Mistake(
          "the saved state is of " + counts[1] + " batches; this one has " + total() + ".");
    }
    done = (int) counts[0];
    double[] flat = state.get(ROWS).doubles();
    int width = (int) state.get(ROWS).shape()[1];
    rows.clear();
    for (int from = 0; from < flat.length; from += width) {
      rows.add(Arrays.copyOfRange(flat, from, from + width));
    }
  }

  @Override
  public void close() {}
}
