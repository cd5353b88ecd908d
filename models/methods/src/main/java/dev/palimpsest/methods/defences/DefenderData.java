package dev.palimpsest.methods.defences;

/** What a defender must have beside the network. */
public enum DefenderData {
  CLEAN_SAMPLES("clean samples with their labels"),
  NONE("no data");

  private final String label;

  DefenderData(String label) {
    this.label = label;
  }

  /** For a sentence that starts with "needs". */
  public String label() {
    return label;
  }
}
