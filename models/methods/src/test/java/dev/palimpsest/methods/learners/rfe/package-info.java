@NullMarked
package dev.palimpsest.methods.learners.rfe;

import org.jspecify.annotations.NullMarked;
