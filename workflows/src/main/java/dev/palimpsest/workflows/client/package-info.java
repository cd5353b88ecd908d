/** The Conductor server as studies see it; Conductor's own classes stay in here. */
@NullMarked
package dev.palimpsest.workflows.client;

import org.jspecify.annotations.NullMarked;
