/** What runs made: found, looked at, traced back to the data, and handed out. */
@NullMarked
package dev.palimpsest.console.artifacts;

import org.jspecify.annotations.NullMarked;
