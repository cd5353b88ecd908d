package dev.palimpsest.cli.doctor;

import dev.palimpsest.base.Failure;
import dev.palimpsest.storage.Store;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Whether a store does what studies ask of it, tried with one small object. */
public final class StoreCheck {
  private static final Duration SKEW = Duration.ofMinutes(1);

  /** Beyond this S3 takes no signature. */
  private static final Duration GRAVE_SKEW = Duration.ofMinutes(15);

  private StoreCheck() {}

  /** Writes, reads, writes again where something is, and deletes; looks at the store's clock. */
  public static List<Finding> of(Store store, Clock clock) {
    byte[] random = new byte[16];
    ThreadLocalRandom.current().nextBytes(random);
    String key = "doctor/" + HexFormat.of().formatHex(random);
    var findings = new ArrayList<Finding>();
    try {
      findings.add(probe(store, key));
      Instant before = clock.instant();
      store.put(key, new byte[] {1});
      Instant written = store.stat(key).orElseThrow().modified();
      findings.add(clocks(before, written));
    } catch (Failure e) {
      findings.add(
          Finding.problem(
              "Store",
              e.getMessage(),
              "Start the store, or correct --s3, --bucket and the keys in PALIMPSEST_S3_ACCESS_KEY"
                  + " and PALIMPSEST_S3_SECRET_KEY."));
    } finally {
      forget(store, key);
    }
    return findings;
  }

  private static Finding probe(Store store, String key) {
    byte[] text = "palimpsest".getBytes(StandardCharsets.UTF_8);
    if (!store.putIfAbsent(key, text)
        || !store.read(key).filter(read -> Arrays.equals(read, text)).isPresent()) {
      return Finding.problem(
          "Store",
          store.where() + " does not give back what was written",
          "Use a store that reads its own writes at once, such as MinIO or S3.");
    }
    if (store.putIfAbsent(key, text)) {
      return Finding.problem(
          "Store",
          store.where() + " ignores If-None-Match, so two workers may publish one stage",
          "Use a store that knows conditional writes: MinIO, or S3 itself.");
    }
    store.delete(key);
    Optional<byte[]> after = store.read(key);
    return after.isPresent()
        ? Finding.problem(
            "Store",
            store.where() + " keeps what was deleted",
            "Give the store's key the right to delete objects.")
        : Finding.ok("Store", store.where() + ": writes, reads, deletes, If-None-Match");
  }

  private static Finding clocks(Instant here, Instant there) {
    Duration skew = Duration.between(there, here).abs();
    String said = "the store's differs from this machine's by " + skew.toSeconds() + " s";
    String cure = "Let both machines keep time by NTP.";
    if (skew.compareTo(GRAVE_SKEW) > 0) {
      return Finding.problem("Clocks", said, cure + " S3 refuses signatures of another time.");
    }
    return skew.compareTo(SKEW) > 0
        ? Finding.warning("Clocks", said, cure)
        : Finding.ok("Clocks", said);
  }

  private static void forget(Store store, String key) {
    try {
      store.delete(key);
    } catch (Failure e) {
      // The finding tells of a store that fails.
    }
  }
}
