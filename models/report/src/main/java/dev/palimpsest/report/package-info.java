/**
 * Tables and figures: a table as JSON, terminal text, Markdown, CSV and LaTeX; charts and contact
 * sheets as SVG. Equal input gives equal bytes on every machine.
 */
@NullMarked
package dev.palimpsest.report;

import org.jspecify.annotations.NullMarked;
