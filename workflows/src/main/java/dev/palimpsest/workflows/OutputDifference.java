package dev.palimpsest.workflows;

import dev.palimpsest.tensors.TensorDifference;
import java.util.List;

/** How an output differs from the one of the same name that was computed again. */
public sealed interface OutputDifference {
  /** The output's name. */
  String output();

  /**
   * Tensors differ.
   *
   * @param tensors empty where they are the same and lie in another order
   */
  record OfTensors(String output, List<TensorDifference> tensors) implements OutputDifference {}

  /**
   * Lines or fields of a document differ.
   *
   * @param places empty where it says the same in other bytes
   */
  record OfDocument(String output, List<Place> places) implements OutputDifference {}

  /**
   * They could not be compared: the bytes of one are lost, or only one was written.
   *
   * @param why in one sentence
   */
  record Incomparable(String output, String why) implements OutputDifference {}

  /**
   * Where a document differs.
   *
   * @param place {@code line 3, loss} or {@code rows[2][1]}
   * @param first what the first says there; empty if it has no such place
   * @param second what the second says there
   */
  record Place(String place, String first, String second) {}
}
