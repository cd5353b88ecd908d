/** The web pages: start at {@link dev.palimpsest.console.Console}. */
@NullMarked
package dev.palimpsest.console;

import org.jspecify.annotations.NullMarked;
