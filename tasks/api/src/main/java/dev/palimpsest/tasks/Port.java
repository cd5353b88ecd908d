package dev.palimpsest.tasks;

/**
 * A named input or output of a stage.
 *
 * @param many an input that takes a list of artifacts instead of one
 * @param optional an input that may be absent
 */
public record Port(String name, ArtifactType type, String help, boolean many, boolean optional) {
  public static Port of(String name, ArtifactType type, String help) {
    return new Port(name, type, help, false, false);
  }

  public static Port optional(String name, ArtifactType type, String help) {
    return new Port(name, type, help, false, true);
  }

  /** An input that takes named artifacts: a JSON object of references. */
  public static Port many(String name, ArtifactType type, String help) {
    return new Port(name, type, help, true, false);
  }
}
