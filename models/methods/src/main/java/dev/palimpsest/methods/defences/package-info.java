/** Defences against backdoors, one file each. */
@NullMarked
package dev.palimpsest.methods.defences;

import org.jspecify.annotations.NullMarked;
