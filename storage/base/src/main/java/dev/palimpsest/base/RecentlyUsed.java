package dev.palimpsest.base;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Maps for what is costly to make and never changes. */
public final class RecentlyUsed {
  private RecentlyUsed() {}

  /**
   * A map for many threads that forgets what was asked for longest ago.
   *
   * @param most entries at once
   */
  public static <K, V> Map<K, V> map(int most) {
    return Collections.synchronizedMap(
        new LinkedHashMap<>(16, .75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > most;
          }
        });
  }
}
