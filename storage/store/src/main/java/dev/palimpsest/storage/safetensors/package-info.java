/** The safetensors format: a JSON header and plain arrays, readable from Python in two lines. */
@NullMarked
package dev.palimpsest.storage.safetensors;

import org.jspecify.annotations.NullMarked;
