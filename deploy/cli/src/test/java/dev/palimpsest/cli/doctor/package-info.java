/** What the doctor finds. */
@NullMarked
package dev.palimpsest.cli.doctor;

import org.jspecify.annotations.NullMarked;
