/** What is said about a network, one file each. */
@NullMarked
package dev.palimpsest.methods.measures;

import org.jspecify.annotations.NullMarked;
