@NullMarked
package dev.palimpsest.console.studies;

import org.jspecify.annotations.NullMarked;
