/** The pages of runs: their list, and one run while it goes on and afterwards. */
@NullMarked
package dev.palimpsest.console.runs;

import org.jspecify.annotations.NullMarked;
