/** Definitions of one's own: written, checked, registered, compared. */
@NullMarked
package dev.palimpsest.console.submit;

import org.jspecify.annotations.NullMarked;
