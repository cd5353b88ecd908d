package dev.palimpsest.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.regex.Pattern;

/** A device, and the native memory that is held on it until {@link #close()}. */
public final class Compute implements AutoCloseable {
  private static final Pattern GPU = Pattern.compile("gpu:(\\d{1,3})");

  static {
    // DJL reports its use to its makers unless told not to.
    System.setProperty("OPT_OUT_TRACKING", "true");
  }

  private final NDManager manager;
  private final int threads;

  private Compute(NDManager manager, int threads) {
    this.manager = manager;
    this.threads = threads;
  }

  /**
   * Opens a device.
   *
   * @param device {@code cpu}, or {@code gpu:0} and so on
   * @param threads intra-operation threads of the whole process, 1 or more
   * @throws Mistake for a name that is no device
   * @throws Failure when the GPU is not there
   */
  public static Compute open(String device, int threads) {
    if (threads < 1) {
      throw new Mistake("threads is " + threads + "; expected at least 1.");
    }
    NDManager manager = NDManager.newBaseManager(device(device), "PyTorch");
    Ops.threads(threads);
    return new Compute(manager, threads);
  }

  private static Device device(String name) {
    if (name.equals("cpu")) {
      return Device.cpu();
    }
    var gpu = GPU.matcher(name);
    if (!gpu.matches()) {
      throw new Mistake("'" + name + "' is no device; expected cpu, gpu:0, gpu:1 and so on.");
    }
    int index = Integer.parseInt(gpu.group(1));
    int count = Engine.getEngine("PyTorch").getGpuCount();
    if (index >= count) {
      throw new Failure(
          "device " + name + " is not there: torch sees " + count + " GPUs on this machine.");
    }
    return Device.gpu(index);
  }

  /** The engine and its version, {@code pytorch-2.7.1}. */
  public static String engine() {
    return "pytorch-" + Engine.getEngine("PyTorch").getVersion();
  }

  public NDManager manager() {
    return manager;
  }

  public int threads() {
    return threads;
  }

  /** How many arrays hold native memory now. */
  public int liveArrays() {
    return manager.getManagedArrays().size();
  }

  /** A copy on the device, of the tensor's own type. */
  public NDArray array(Tensor tensor) {
    ByteBuffer bytes = tensor.data();
    ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).order(ByteOrder.nativeOrder());
    copy.put(bytes).flip();
    return manager.create(copy, new Shape(tensor.shape()), type(tensor.type()));
  }

  /** A copy on the device in the given precision. */
  public NDArray array(Tensor tensor, Precision precision) {
    NDArray raw = array(tensor);
    if (raw.getDataType() == precision.type()) {
      return raw;
    }
    try (raw) {
      return raw.toType(precision.type(), true);
    }
  }

  public NDArray array(long[] values) {
    return manager.create(values);
  }

  /** A plain copy. */
  public static Tensor tensor(NDArray array) {
    return new Tensor(
        type(array.getDataType()),
        array.getShape().getShape(),
        copy(array.toByteBuffer()).order(ByteOrder.LITTLE_ENDIAN));
  }

  private static ByteBuffer copy(ByteBuffer bytes) {
    ByteBuffer copy = ByteBuffer.allocate(bytes.remaining());
    copy.put(bytes).flip();
    return copy;
  }

  private static DataType type(Tensor.Type type) {
    return switch (type) {
      case F64 -> DataType.FLOAT64;
      case F32 -> DataType.FLOAT32;
      case I64 -> DataType.INT64;
      case I32 -> DataType.INT32;
      case U8 -> DataType.UINT8;
      case BOOL -> DataType.BOOLEAN;
    };
  }

  private static Tensor.Type type(DataType type) {
    return switch (type) {
      case FLOAT64 -> Tensor.Type.F64;
      case FLOAT32 -> Tensor.Type.F32;
      case INT64 -> Tensor.Type.I64;
      case INT32 -> Tensor.Type.I32;
      case UINT8 -> Tensor.Type.U8;
      case BOOLEAN -> Tensor.Type.BOOL;
      default -> throw new IllegalArgumentException("arrays of " + type + " are not kept");
    };
  }

  @Override
  public void close() {
    manager.close();
  }
}
