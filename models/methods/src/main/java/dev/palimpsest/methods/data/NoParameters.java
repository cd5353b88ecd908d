package dev.palimpsest.methods.data;

/** The parameters of a format that has none. */
public record NoParameters() {}
