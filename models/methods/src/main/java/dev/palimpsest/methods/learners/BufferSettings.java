package dev.palimpsest.methods.learners;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.palimpsest.spec.Param;
import java.util.Locale;

/** The buffer of a learner that replays samples. */
public record BufferSettings(
    @Param(help = "samples kept, at most", value = "200", min = 1, max = 1_000_000) int size,
    @Param(
            help =
                "which samples stay; reservoir: each of the stream with equal probability;"
                    + " balanced: as many of each class as can be",
            value = "\"reservoir\"")
        Policy policy,
    @Param(help = "samples drawn a step, at most", value = "32", min = 1, max = 65_536) int batch) {

  /** Which samples stay when there is no room for all. */
  public enum Policy {
    /** Each of the stream with equal probability: algorithm R (Vitter, ACM TOMS 1985). */
    RESERVOIR,
    /** As many of each class as can be (Chrysakis and Moens, ICML 2020). */
    BALANCED;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
