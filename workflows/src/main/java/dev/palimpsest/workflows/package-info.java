/** Studies and their definitions: what they are, whether they can run, and how a run gets on. */
@NullMarked
package dev.palimpsest.workflows;

import org.jspecify.annotations.NullMarked;
