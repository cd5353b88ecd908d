/** Plain arrays with names, and the safetensors format they are kept in: Python reads it too. */
@NullMarked
package dev.palimpsest.tensors;

import org.jspecify.annotations.NullMarked;
