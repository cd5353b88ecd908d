/** Runs side by side. */
@NullMarked
package dev.palimpsest.console.compare;

import org.jspecify.annotations.NullMarked;
