package dev.palimpsest.tensors;

import java.util.Optional;
import java.util.OptionalDouble;

/** One way in which a safetensors file differs from another. */
public sealed interface TensorDifference {
  /** The tensor's name, or that of the metadata. */
  String name();

  /**
   * Only one of the files has the tensor.
   *
   * @param inFirst which
   */
  record Missing(String name, boolean inFirst) implements TensorDifference {}

  /** The tensors are of other types or shapes: their elements do not correspond. */
  record Form(String name, SafetensorsHeader.Entry first, SafetensorsHeader.Entry second)
      implements TensorDifference {}

  /**
   * Elements differ: they have other bits, so 0 differs from -0, and a NaN only from another NaN
   * that is written otherwise.
   *
   * @param elements how many the tensor has
   * @param differing how many differ
   * @param largest the largest absolute difference between finite elements; empty if none of those
   *     differ
   * @param notFinite how many of those that differ are NaN or infinite in one file or in both
   */
  record Elements(
      String name, long elements, long differing, OptionalDouble largest, long notFinite)
      implements TensorDifference {}

  /** The text of this name in the metadata; empty where the file has none. */
  record Metadata(String name, Optional<String> first, Optional<String> second)
      implements TensorDifference {}
}
