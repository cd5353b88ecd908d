/** Bundles, honest and otherwise. */
@NullMarked
package dev.palimpsest.cli.bundle;

import org.jspecify.annotations.NullMarked;
