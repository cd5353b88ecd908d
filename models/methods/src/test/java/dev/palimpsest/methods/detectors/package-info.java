@NullMarked
package dev.palimpsest.methods.detectors;

import org.jspecify.annotations.NullMarked;
