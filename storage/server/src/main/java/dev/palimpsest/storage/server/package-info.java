/** The S3 server that the local mode brings along. */
@NullMarked
package dev.palimpsest.storage.server;

import org.jspecify.annotations.NullMarked;
