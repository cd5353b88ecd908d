/** What takes room, what may go, and what people write beside runs. */
@NullMarked
package dev.palimpsest.console.housekeeping;

import org.jspecify.annotations.NullMarked;
