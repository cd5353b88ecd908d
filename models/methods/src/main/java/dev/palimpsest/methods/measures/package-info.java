/** What is said about a network or about a stream of tasks, one file each. */
@NullMarked
package dev.palimpsest.methods.measures;

import org.jspecify.annotations.NullMarked;
