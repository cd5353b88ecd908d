@NullMarked
package dev.palimpsest.methods.learners;

import org.jspecify.annotations.NullMarked;
