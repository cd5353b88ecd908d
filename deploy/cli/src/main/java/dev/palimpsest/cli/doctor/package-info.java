/** What may keep studies from running, each with its cure. */
@NullMarked
package dev.palimpsest.cli.doctor;

import org.jspecify.annotations.NullMarked;
