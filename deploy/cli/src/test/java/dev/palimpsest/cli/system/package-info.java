/** Studies on the whole system: real processes, real Conductor, real store. */
@NullMarked
package dev.palimpsest.cli.system;

import org.jspecify.annotations.NullMarked;
