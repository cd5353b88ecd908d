package dev.palimpsest.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class RecentlyUsedTest {
  @Test
  void whatWasAskedForLongestAgoIsForgotten() {
    Map<String, Integer> map = RecentlyUsed.map(2);
    map.put("a", 1);
    map.put("b", 2);
    assertThat(map.get("a")).isEqualTo(1);
    map.put("c", 3);
    assertThat(map).containsOnlyKeys("a", "c");
  }
}
