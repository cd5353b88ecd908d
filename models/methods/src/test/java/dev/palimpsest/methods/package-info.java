@NullMarked
package dev.palimpsest.methods;

import org.jspecify.annotations.NullMarked;
