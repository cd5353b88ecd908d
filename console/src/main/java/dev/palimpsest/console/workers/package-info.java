/** Who computes, and what waits. */
@NullMarked
package dev.palimpsest.console.workers;

import org.jspecify.annotations.NullMarked;
