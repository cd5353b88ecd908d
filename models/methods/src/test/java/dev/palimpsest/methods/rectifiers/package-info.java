@NullMarked
package dev.palimpsest.methods.rectifiers;

import org.jspecify.annotations.NullMarked;
