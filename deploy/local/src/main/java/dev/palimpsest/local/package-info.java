/** Local mode: the supervisor, the servers it brings, and the children that end with it. */
@NullMarked
package dev.palimpsest.local;

import org.jspecify.annotations.NullMarked;
