package dev.palimpsest.console.web;

/**
 * What the layout of every page needs.
 *
 * @param title of the document
 * @param section that it belongs to
 * @param csrf goes with every change, as the field {@code csrf} of a form
 * @param assets where styles and scripts are
 * @param signedIn whether there is a token to sign out from
 */
public record Page(String title, Section section, String csrf, Assets assets, boolean signedIn) {}
