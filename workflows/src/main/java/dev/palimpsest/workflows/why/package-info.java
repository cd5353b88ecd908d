/** Why a stage of a run was computed: which part of its key is new. */
@NullMarked
package dev.palimpsest.workflows.why;

import org.jspecify.annotations.NullMarked;
