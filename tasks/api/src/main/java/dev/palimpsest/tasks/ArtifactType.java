package dev.palimpsest.tasks;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.spec.Kind;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The types of artifact that stages exchange. */
public enum ArtifactType {
  /** Images and labels; safetensors. */
  DATASET(true),
  /** Trigger, chosen indices, target map; safetensors whose metadata name the attack. */
  POISON_PLAN(true, Kind.ATTACK),
  /**
   * A network's weights and buffers under torch state-dict names; safetensors whose metadata name
   * the network.
   */
  CHECKPOINT(true, Kind.NETWORK),
  /**
   * What a learner keeps between tasks: samples, importances of weights, rectifiers; safetensors.
   */
  MEMORY(true),
  /** One JSON object a line, in the order of epochs. */
  METRICS(false),
  /** One JSON object. */
  RESULT(false),
  /** SVG. */
  FIGURE(false),
  /** JSON rows and columns; CSV, Markdown and LaTeX are made from it. */
  TABLE(false);

  private final boolean tensors;
  private final Optional<Kind> names;

  ArtifactType(boolean tensors) {
    this.tensors = tensors;
    this.names = Optional.empty();
  }

  ArtifactType(boolean tensors, Kind names) {
    this.tensors = tensors;
    this.names = Optional.of(names);
  }

  /** The type of this label, or {@link Mistake}. */
  public static ArtifactType of(String label) {
    return Arrays.stream(values())
        .filter(type -> type.label().equals(label))
        .findFirst()
        .orElseThrow(() ->
            new Mistake(
                Names.unknown(
                    "artifact type",
                    label,
                    Arrays.stream(values()).map(ArtifactType::label).toList())));
  }

  /**
   * The kind of method whose code a stage runs that opens such an artifact. Its metadata hold the
   * method under the kind's label: a name, or a JSON object as of a {@link
   * dev.palimpsest.spec.Choice}.
   */
  public Optional<Kind> names() {
    return names;
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
