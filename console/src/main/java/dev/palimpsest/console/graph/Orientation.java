package dev.palimpsest.console.graph;

/** Which way a graph runs. */
public enum Orientation {
  /** From left to right, for wide pages; a graph too long for that runs down, branches abreast. */
  RIGHT,
  /** Down in one column, for narrow pages and columns. */
  DOWN
}
