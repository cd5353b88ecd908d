@NullMarked
package dev.palimpsest.workflows.why;

import org.jspecify.annotations.NullMarked;
