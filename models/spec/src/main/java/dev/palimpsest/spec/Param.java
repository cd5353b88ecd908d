package dev.palimpsest.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes one component of a parameters record: from it come defaults, checks and forms. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Param {
  /** What it is, in the field's own terms, with its unit. */
  String help();

  /**
   * The default as JSON, texts with their quotes ({@code 0.05}, {@code true}, {@code
   * "\"cosine\""}). Empty: must be given, but for a component that is a record, which is a group of
   * fields.
   */
  String value() default "";

  double min() default Double.NEGATIVE_INFINITY;

  double max() default Double.POSITIVE_INFINITY;

  /** The kind of method that this component chooses; only on components of type {@link Choice}. */
  Kind[] choose() default {};
}
