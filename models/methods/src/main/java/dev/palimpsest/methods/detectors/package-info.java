/** Detectors of backdoors, one file each. */
@NullMarked
package dev.palimpsest.methods.detectors;

import org.jspecify.annotations.NullMarked;
