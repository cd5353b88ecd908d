/** What every page stands on: security, layout, assets, live regions, words. */
@NullMarked
package dev.palimpsest.console.web;

import org.jspecify.annotations.NullMarked;
