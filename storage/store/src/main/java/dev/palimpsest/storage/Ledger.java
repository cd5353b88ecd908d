package dev.palimpsest.storage;

import dev.palimpsest.base.Digest;
import dev.palimpsest.tensors.Tensors;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which stages were computed, which are being computed, and how far.
 *
 * <p>{@code stages/<key>/<generation>}, {@code code/<digest>}, {@code claims/<key>}, {@code
 * progress/<key>/<sequence>-<digest>}.
 */
public interface Ledger {
  /** The newest record of this key, whether or not its outputs are still there. */
  Optional<StageRecord> newest(Digest key);

  /** The record of this key and generation, if there is one. */
  Optional<StageRecord> record(Digest key, int generation);

  /** The newest record of this key if all its outputs are present at their full size. */
  Optional<StageRecord> hit(Digest key);

  /**
   * Every record of this key, oldest first. Two that name different digests for one output show
   * that the stage is not deterministic.
   */
  List<StageRecord> generations(Digest key);

  /**
   * Writes the record with If-None-Match; if another writer was first, and its outputs are there,
   * its record is returned and to be used instead. Where they are lost, the record becomes the next
   * generation.
   *
   * @param record its generation is the least that is tried
   */
  StageRecord publish(StageRecord record);

  /**
   * Keeps what the digest of code in a record's identity stands for, so that two records can be
   * compared when their builds are gone. Written once, before the first record that names it.
   */
  void keep(Digest code, byte[] manifest);

  /** What {@link #keep} kept. */
  Optional<byte[]> code(Digest code);

  /**
   * Claims the computation of a key. The claim renews itself while {@code alive} says so; another
   * owner's claim counts as abandoned when it was not renewed for {@code patience} of this
   * machine's own monotonic clock. It returns at once: the first call that meets another's claim
   * notes what it saw, and a later call takes it over if nothing changed for that long. So ask
   * again from time to time, on the same ledger.
   *
   * @param owner who computes; it computes a key once at a time, so a claim that it already has is
   *     that of a process that died, and is taken over at once
   * @param alive asked from a thread of the claim's own; must not throw
   * @return empty while another live owner holds it
   */
  Optional<Claim> claim(Digest key, String owner, Duration patience, Supplier<Boolean> alive);

  /** A held claim; closing it releases it. */
  interface Claim extends AutoCloseable {
    @Override
    void close();
  }

  /** Saves mid-stage state as a write-once object and keeps only the last two. */
  void save(Digest key, long sequence, Tensors state);

  /** The readable state with the highest sequence number; a damaged one is passed over. */
  Optional<Saved> latest(Digest key);

  /** Mid-stage state and its sequence number. */
  record Saved(long sequence, Tensors state) {}

  /** Removes all mid-stage state of this key, and any claim on it; for a key that is published. */
  void clear(Digest key);
}
