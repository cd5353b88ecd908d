/** Makes the catalogue at build time: every stage and method, and the digest of their code. */
@NullMarked
package dev.palimpsest.stages.catalogue;

import org.jspecify.annotations.NullMarked;
