/** What a stage is: its ports, its context, and the key that says when it need not run again. */
@NullMarked
package dev.palimpsest.tasks;

import org.jspecify.annotations.NullMarked;
