package dev.palimpsest.methods.learners.rfe;

import com.fasterxml.jackson.annotation.JsonValue;

/** On which images the modules are trained, and so how often frozen networks are asked. */
public enum Features {
  /** On the images as they are: the features of each are computed once a task. */
  ONCE("once"),
  /** On augmented images, as published: features are computed in every step. */
  EACH_STEP("each-step");

  private final String label;

  Features(String label) {
    this.label = label;
  }

  @JsonValue
  public String label() {
    return label;
  }
}
