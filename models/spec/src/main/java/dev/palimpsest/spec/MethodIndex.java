package dev.palimpsest.spec;

import java.util.List;
import java.util.SortedMap;

/** The parameters of each method of a kind: from the methods themselves or from a catalogue. */
public interface MethodIndex {
  /** The fields by method name. */
  SortedMap<String, List<Field>> of(Kind kind);
}
