@NullMarked
package dev.palimpsest.stages;

import org.jspecify.annotations.NullMarked;
