/** A run as one archive: written, and read into another store. */
@NullMarked
package dev.palimpsest.cli.bundle;

import org.jspecify.annotations.NullMarked;
