package dev.palimpsest.workflows;

/**
 * Where a value stands.
 *
 * @param pointer JSON pointer into the source
 * @param name whether the name of the field is meant instead of its value
 */
record Place(Source source, String pointer, boolean name) {
  static Place root(Source source) {
    return new Place(source, "", false);
  }

  Place child(String field) {
    return new Place(source, pointer + "/" + field.replace("~", "~0").replace("/", "~1"), false);
  }

  Place child(int index) {
    return new Place(source, pointer + "/" + index, false);
  }

  Place asName() {
    return new Place(source, pointer, true);
  }
}
