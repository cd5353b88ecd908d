@NullMarked
package dev.palimpsest.engine;

import org.jspecify.annotations.NullMarked;
