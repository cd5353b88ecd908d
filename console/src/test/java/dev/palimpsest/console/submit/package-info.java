@NullMarked
package dev.palimpsest.console.submit;

import org.jspecify.annotations.NullMarked;
