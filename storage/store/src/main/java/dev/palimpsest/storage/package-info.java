/** What is kept: artifacts, references to them, and the S3 store they live in. */
@NullMarked
package dev.palimpsest.storage;

import org.jspecify.annotations.NullMarked;
