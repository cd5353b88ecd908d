/**
 * Maps from a network's present representation back to those of earlier tasks, one file each, and
 * how old tasks are read through them.
 */
@NullMarked
package dev.palimpsest.methods.rectifiers;

import org.jspecify.annotations.NullMarked;
