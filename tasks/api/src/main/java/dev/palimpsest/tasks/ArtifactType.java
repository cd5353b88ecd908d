package dev.palimpsest.tasks;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The types of artifact that stages exchange. */
public enum ArtifactType {
  /** Images and labels; safetensors. */
  DATASET(true),
  /** Trigger, chosen indices, target map; safetensors. */
  POISON_PLAN(true),
  /** A network's weights and buffers under torch state-dict names; safetensors. */
  CHECKPOINT(true),
  /** The diagonal Fisher information of each weight; safetensors. */
  FISHER(true),
  /** One JSON object a line, in the order of epochs. */
  METRICS(false),
  /** One JSON object. */
  RESULT(false),
  /** SVG. */
  FIGURE(false),
  /** JSON rows and columns; CSV, Markdown and LaTeX are made from it. */
  TABLE(false);

  private final boolean tensors;

  ArtifactType(boolean tensors) {
    this.tensors = tensors;
  }

  /** Whether it is safetensors; such artifacts carry taint, documents do not. */
  public boolean tensors() {
    return tensors;
  }

  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
