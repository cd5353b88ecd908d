/** What a method is: its kind, name, citation, and parameters with their defaults and ranges. */
@NullMarked
package dev.palimpsest.spec;

import org.jspecify.annotations.NullMarked;
