package dev.palimpsest.tensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A plain array with a shape.
 *
 * @param type the element type
 * @param shape the sizes, outermost first; empty for a scalar
 * @param data the elements, little-endian, row-major, {@code elements * type.bytes} bytes
 */
public record Tensor(Type type, long[] shape, ByteBuffer data) {
  /** The element types that are read and written; no other reaches the engine. */
  public enum Type {
    F64(8),
    F32(4),
    I64(8),
    I32(4),
    U8(1),
    BOOL(1);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    public int bytes() {
      return bytes;
    }
  }

  public Tensor {
    shape = shape.clone();
    data = data.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    if (data.remaining() != elements(shape) * type.bytes()) {
      throw new IllegalArgumentException(
          data.remaining() + " bytes do not fill " + type + Arrays.toString(shape));
    }
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** A view of the elements that has its own position. */
  @Override
  public ByteBuffer data() {
    return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  public long elements() {
    return elements(shape);
  }

  public static Tensor of(float[] values, long... shape) {
    ByteBuffer data = allocate(values.length * 4L);
    data.asFloatBuffer().put(values);
    return new Tensor(Type.F32, shape, data);
  }

  public static Tensor of(double[] values, long... shape) {
    ByteBuffer data = allocate(values.length * 8L);
    data.asDoubleBuffer().put(values);
    return new Tensor(Type.F64, shape, data);
  }

  public static Tensor of(long[] values, long... shape) {
    ByteBuffer data = allocate(values.length * 8L);
    data.asLongBuffer().put(values);
    return new Tensor(Type.I64, shape, data);
  }

  public static Tensor of(int[] values, long... shape) {
    ByteBuffer data = allocate(values.length * 4L);
    data.asIntBuffer().put(values);
    return new Tensor(Type.I32, shape, data);
  }

  /** Bytes as unsigned values 0 to 255. */
  public static Tensor of(byte[] values, long... shape) {
    return new Tensor(Type.U8, shape, ByteBuffer.wrap(values));
  }

  public float[] floats() {
    expect(Type.F32);
    float[] values = new float[Math.toIntExact(elements())];
    data().asFloatBuffer().get(values);
    return values;
  }

  public double[] doubles() {
    expect(Type.F64);
    double[] values = new double[Math.toIntExact(elements())];
    data().asDoubleBuffer().get(values);
    return values;
  }

  public long[] longs() {
    expect(Type.I64);
    long[] values = new long[Math.toIntExact(elements())];
    data().asLongBuffer().get(values);
    return values;
  }

  public int[] ints() {
    expect(Type.I32);
    int[] values = new int[Math.toIntExact(elements())];
    data().asIntBuffer().get(values);
    return values;
  }

  /** Unsigned bytes as stored. */
  public byte[] bytes() {
    expect(Type.U8);
    byte[] values = new byte[Math.toIntExact(elements())];
    data().get(values);
    return values;
  }

  /**
   * This tensor with rows of zeros behind its own, {@code rows} in all; itself if it has as many.
   */
  public Tensor withRows(long rows) {
    if (shape.length == 0 || shape[0] >= rows) {
      return this;
    }
    long[] longer = shape.clone();
    longer[0] = rows;
    ByteBuffer padded = allocate(elements(longer) * type.bytes());
    padded.put(0, data, 0, data.remaining());
    return new Tensor(type, longer, padded);
  }

  /** This tensor with the rows of {@code longer} that it lacks behind its own. */
  public Tensor continuedBy(Tensor longer) {
    if (shape.length == 0 || longer.shape.length == 0 || shape[0] >= longer.shape[0]) {
      return this;
    }
    ByteBuffer rows = allocate(longer.data.remaining());
    rows.put(0, longer.data, 0, longer.data.remaining()).put(0, data, 0, data.remaining());
    return new Tensor(type, longer.shape, rows);
  }

  private void expect(Type expected) {
    if (type != expected) {
      throw new IllegalStateException("tensor is " + type + ", not " + expected);
    }
  }

  private static long elements(long[] shape) {
    long elements = 1;
    for (long size : shape) {
      elements = Math.multiplyExact(elements, size);
    }
    return elements;
  }

  private static ByteBuffer allocate(long bytes) {
    return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
