@NullMarked
package dev.palimpsest.methods.networks;

import org.jspecify.annotations.NullMarked;
