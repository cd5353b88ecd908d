@NullMarked
package dev.palimpsest.methods.defences;

import org.jspecify.annotations.NullMarked;
