/**
 * Retrospective feature estimation, first published as incremental latent rectification: learners
 * that train on a task, then a rectifier that maps the new representation back to the former one.
 */
@NullMarked
package dev.palimpsest.methods.learners.rfe;

import org.jspecify.annotations.NullMarked;
