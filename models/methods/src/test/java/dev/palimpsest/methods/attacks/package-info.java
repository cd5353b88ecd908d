@NullMarked
package dev.palimpsest.methods.attacks;

import org.jspecify.annotations.NullMarked;
