/** Continual learners, one file each, and what they keep of earlier tasks. */
@NullMarked
package dev.palimpsest.methods.learners;

import org.jspecify.annotations.NullMarked;
