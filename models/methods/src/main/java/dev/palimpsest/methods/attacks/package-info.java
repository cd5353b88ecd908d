/** Backdoor attacks, one file each, and the poison plans that they draw. */
@NullMarked
package dev.palimpsest.methods.attacks;

import org.jspecify.annotations.NullMarked;
