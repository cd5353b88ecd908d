/** Serves stages to Conductor: cache, claims, progress, lease. */
@NullMarked
package dev.palimpsest.worker;

import org.jspecify.annotations.NullMarked;
