package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Differentiable functions on arrays, as torch defines them. The one class that calls DJL's PyTorch
 * binding directly.
 */
public final class Ops {
  private static final Shape ONE = new Shape(1, 1);

  private Ops() {}

  /** Two-dimensional convolution without bias: [n,c,h,w] * [o,c,k,k]. */
  public static NDArray convolution(NDArray x, NDArray weight, int stride, int padding) {
    return convolve(x, weight, null, stride, padding);
  }

  /** Two-dimensional convolution with a bias [o]. */
  public static NDArray convolution(
      NDArray x, NDArray weight, NDArray bias, int stride, int padding) {
    return convolve(x, weight, bias, stride, padding);
  }

  private static NDArray convolve(
      NDArray x, NDArray weight, @Nullable NDArray bias, int stride, int padding) {
    return JniUtils.convolution(
        pt(x),
        pt(weight),
        (PtNDArray) bias,
        new Shape(stride, stride),
        new Shape(padding, padding),
        ONE,
        1);
  }

  /** x W' + b: [n,i], [o,i], [o] to [n,o]. */
  public static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
    return JniUtils.linear(pt(x), pt(weight), pt(bias));
  }

  public static NDArray relu(NDArray x) {
    return JniUtils.relu(pt(x));
  }

  public static NDArray sigmoid(NDArray x) {
    return JniUtils.sigmoid(pt(x));
  }

  /** The greatest of each square of {@code side}: [n,c,h,w] to [n,c,h/side,w/side]. */
  public static NDArray maxPool(NDArray x, int side) {
    Shape square = new Shape(side, side);
    return JniUtils.maxPool(pt(x), square, square, new Shape(0, 0), false);
  }

  /**
   * Means over a grid of blocks: [n,c,h,w] to [n,c,rows,columns]. Block i of the rows reaches from
   * floor(i h / rows) to ceil((i + 1) h / rows): equal blocks where {@code rows} divides the
   * height, blocks that overlap by a pixel where it does not (torch's adaptive_avg_pool2d).
   */
  public static NDArray blockMeans(NDArray x, int rows, int columns) {
    return JniUtils.adaptiveAvgPool(pt(x), new Shape(rows, columns));
  }

  /** The mean over height and width: [n,c,h,w] to [n,c]. */
  public static NDArray meanOverSpace(NDArray x) {
    Shape shape = x.getShape();
    return x.reshape(shape.get(0), shape.get(1), -1).mean(new int[] {2});
  }

  /**
   * Batch normalisation over axis 1.
   *
   * @param batch whether to normalise with the batch's statistics; otherwise with the running ones
   * @param momentum the share of the batch in the new running values (torch's convention); 0 leaves
   *     them unchanged
   */
  static NDArray batchNorm(
      NDArray x,
      NDArray mean,
      NDArray variance,
      NDArray weight,
      NDArray bias,
      boolean batch,
      double momentum,
      double epsilon) {
    return JniUtils.batchNorm(
        pt(x), pt(mean), pt(variance), pt(weight), pt(bias), batch, momentum, epsilon);
  }

  /** log p(label | x) of each sample: [n,classes] and I64 [n] to [n]. */
  public static NDArray logLikelihood(NDArray logits, NDArray labels) {
    return logits.logSoftmax(1).gather(labels.expandDims(1), 1).squeeze(1);
  }

  /** Mean cross-entropy over the batch: [n,classes] and I64 [n] to a scalar. */
  public static NDArray crossEntropy(NDArray logits, NDArray labels) {
    return logLikelihood(logits, labels).mean().neg();
  }

  /** Zeros added around height and width: [n,c,h,w] to [n,c,h+2p,w+2p]. */
  static NDArray zeroPadded(NDArray x, int padding) {
    return padding == 0
        ? x
        : JniUtils.pad(pt(x), new long[] {padding, padding, padding, padding}, 0);
  }

  /**
   * Every so many pixels, and zeros for further channels, half of them before the others: [n,c,h,w]
   * to [n,width,h/stride,w/stride], rounded up.
   *
   * @param width channels in all; exceeds c by an even number
   */
  public static NDArray thinned(NDArray x, int stride, int width) {
    Shape shape = x.getShape();
    PtNDArray rows = JniUtils.slice(pt(x), 2, 0, shape.get(2), stride);
    PtNDArray pixels = JniUtils.slice(rows, 3, 0, shape.get(3), stride);
    long missing = (width - shape.get(1)) / 2;
    return JniUtils.pad(pixels, new long[] {0, 0, 0, 0, missing, missing}, 0);
  }

  /** A leaf of the graph that shares the vector's storage; its gradient starts absent. */
  static NDArray leaf(NDArray vector) {
    PtNDArray leaf = JniUtils.detachGradient(pt(vector));
    JniUtils.attachGradient(leaf, true);
    return leaf;
  }

  /**
   * A multiple; for everything that is differentiated.
   *
   * <p>{@code x.mul(factor)} frees the factor at once, and the backward pass still reads it: where
   * garbage is collected in between, the gradient is garbage. Here it lives as long as the open
   * {@link Scope}.
   */
  public static NDArray scaled(NDArray x, double factor) {
    return x.mul(x.getManager().create(factor));
  }

  /** The same values outside the graph. */
  public static NDArray detached(NDArray x) {
    return JniUtils.detachGradient(pt(x));
  }

  /** The Euclidean norm of all elements. */
  public static double norm(NDArray x) {
    return Math.sqrt(Net.scalar(x.square().sum()));
  }

  /** Consecutive pieces of a vector; their joint gradient is one concatenation. */
  static NDList pieces(NDArray vector, long[] lengths) {
    return JniUtils.split(pt(vector), lengths, 0);
  }

  /** The elements {@code from} to {@code to} of the first axis, without the latter; a view. */
  static NDArray rows(NDArray x, long from, long to) {
    return JniUtils.slice(pt(x), 0, from, to, 1);
  }

  /**
   * What each column of a square kernel meets, padded, channels last: [n,c,h,w] to [n,h+2p,columns
   * of the output,kernel,c].
   */
  static NDArray metByColumns(NDArray x, int kernel, int stride, int padding) {
    PtNDArray last = pt(x.transpose(0, 2, 3, 1));
    PtNDArray padded = JniUtils.pad(last, new long[] {0, 0, padding, padding, padding, padding}, 0);
    PtNDArray[] met = new PtNDArray[kernel];
    for (int j = 0; j < kernel; j++) {
      long end = padded.getShape().get(2) - kernel + j + 1;
      met[j] = JniUtils.slice(padded, 2, j, end, stride);
    }
    return JniUtils.stack(met, 3);
  }

  /** Of that, what row {@code i} of the kernel meets: [n,pixels of the output,kernel*c]. */
  static NDArray metByRow(NDArray met, int i, int stride) {
    Shape shape = met.getShape();
    long kernel = shape.get(3);
    NDArray rows = JniUtils.slice(pt(met), 1, i, shape.get(1) - kernel + i + 1, stride);
    return rows.reshape(shape.get(0), -1, kernel * shape.get(4));
  }

  /** The gradient of the scalar {@code loss} at {@code leaf}; the graph is released. */
  static NDArray gradient(NDArray loss, NDArray leaf) {
    backward(loss);
    return reached(leaf);
  }

  /** Differentiates the scalar {@code loss} at all leaves; the graph is released. */
  static void backward(NDArray loss) {
    try (NDArray one = loss.onesLike()) {
      JniUtils.backward(pt(loss), pt(one), false, false);
    }
  }

  /** The gradient that a leaf has; zeros where none reached it. */
  static NDArray reached(NDArray leaf) {
    @Nullable NDArray gradient = JniUtils.getGradient(pt(leaf));
    return gradient == null ? leaf.zerosLike() : gradient;
  }

  /** Overwrites the elements of {@code target}, which keeps its storage and so its views. */
  public static void assign(NDArray target, NDArray source) {
    target.set(new NDIndex(":"), source);
  }

  /**
   * Computes with or without a graph. Torch keeps the setting for each thread, and threads begin
   * with different ones, so every pass states its own.
   */
  static <T> T recording(boolean graph, Supplier<T> computation) {
    boolean former = JniUtils.isGradMode();
    JniUtils.setGradMode(graph);
    try {
      return computation.get();
    } finally {
      JniUtils.setGradMode(former);
    }
  }

  static void threads(int threads) {
    JniUtils.setNumThreads(threads);
  }

  private static PtNDArray pt(NDArray array) {
    return (PtNDArray) array;
  }
}
