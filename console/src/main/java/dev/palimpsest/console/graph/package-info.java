/** Definitions drawn as graphs. */
@NullMarked
package dev.palimpsest.console.graph;

import org.jspecify.annotations.NullMarked;
