/** Reads folders of image files into data sets: one class a format, plain arrays out. */
@NullMarked
package dev.palimpsest.methods.data;

import org.jspecify.annotations.NullMarked;
