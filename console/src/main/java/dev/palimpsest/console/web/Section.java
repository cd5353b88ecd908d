package dev.palimpsest.console.web;

/** The places of the navigation, in its order. */
public enum Section {
  STUDIES("Studies", "/studies"),
  SUBMIT("Submit", "/submit"),
  RUNS("Runs", "/runs"),
  ARTIFACTS("Artifacts", "/artifacts"),
  COMPARE("Compare", "/compare"),
  WORKERS("Workers", "/workers"),
  HOUSEKEEPING("Housekeeping", "/housekeeping");

  private final String label;
  private final String path;

  Section(String label, String path) {
    this.label = label;
    this.path = path;
  }

  public String label() {
    return label;
  }

  public String path() {
    return path;
  }
}
