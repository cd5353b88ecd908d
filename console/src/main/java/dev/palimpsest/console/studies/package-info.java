/** The studies: what there is to run, its inputs as a form, and the plan of a run. */
@NullMarked
package dev.palimpsest.console.studies;

import org.jspecify.annotations.NullMarked;
