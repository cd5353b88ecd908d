package dev.palimpsest.storage;

import dev.palimpsest.base.Digest;
import java.util.List;

/**
 * What stands for an artifact in workflows, records and keys: never its bytes.
 *
 * @param artifact its type, such as {@code checkpoint}
 * @param sha256 digest of its bytes
 * @param bytes its size
 * @param taint why it must be handled with care, oldest reason first ({@code backdoor: badnets,
 *     target 0}, {@code defended by ft}); empty if it stems from no poison plan
 */
public record Reference(String artifact, Digest sha256, long bytes, List<String> taint) {
  public Reference {
    taint = List.copyOf(taint);
  }

  /** Whether it stems from a poison plan. */
  public boolean tainted() {
    return !taint.isEmpty();
  }
}
