package dev.palimpsest.storage;

import java.util.regex.Pattern;

/** Which names objects may have, in every store alike. */
final class Keys {
  private static final Pattern KEY =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*");

  /**
   * How servers that keep objects as files name what they are still writing: the object's name and
   * a UUID.
   */
  private static final Pattern BEING_WRITTEN =
      Pattern.compile("-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/|$)");

  private static final Pattern PREFIX = Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]*/?)*");
  private static final int LONGEST = 512;

  private Keys() {}

  static boolean valid(String key) {
    return key.length() <= LONGEST
        && KEY.matcher(key).matches()
        && !BEING_WRITTEN.matcher(key).find();
  }

  static String checked(String key) {
    if (!valid(key)) {
      throw new IllegalArgumentException("'" + key + "' cannot be the key of an object");
    }
    return key;
  }

  static String checkedPrefix(String prefix) {
    if (prefix.length() > LONGEST || !PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException("'" + prefix + "' cannot be the prefix of a key");
    }
    return prefix;
  }
}
