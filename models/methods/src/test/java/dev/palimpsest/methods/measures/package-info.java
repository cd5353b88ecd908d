@NullMarked
package dev.palimpsest.methods.measures;

import org.jspecify.annotations.NullMarked;
