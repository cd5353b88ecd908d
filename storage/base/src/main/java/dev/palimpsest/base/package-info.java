/**
 * What every room stands on: strict JSON, canonical JSON, digests, and mistakes told in one
 * sentence.
 */
@NullMarked
package dev.palimpsest.base;

import org.jspecify.annotations.NullMarked;
