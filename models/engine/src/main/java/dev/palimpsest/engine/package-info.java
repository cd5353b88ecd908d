/**
 * Networks over one flat vector of weights, gradients, optimisers and randomness; the only user of
 * DJL's internals.
 */
@NullMarked
package dev.palimpsest.engine;

import org.jspecify.annotations.NullMarked;
