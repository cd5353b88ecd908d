/** Vectors that reference implementations computed, and the tests that hold this code to them. */
@NullMarked
package dev.palimpsest.methods.golden;

import org.jspecify.annotations.NullMarked;
