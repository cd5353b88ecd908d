/** The command line: one class a command, what they share in {@link dev.palimpsest.cli.Servers}. */
@NullMarked
package dev.palimpsest.cli;

import org.jspecify.annotations.NullMarked;
