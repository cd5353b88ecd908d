package dev.palimpsest.storage;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mid-stage states under {@code progress/<key>/<sequence>-<digest>}: the name holds the digest of
 * the bytes, so that a name is never written twice with different bytes and damage is seen.
 */
final class Progress {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
  private static final Pattern NAME = Pattern.compile("([0-9]{12})-([0-9a-f]{64})");
  private static final long LARGEST = 999_999_999_999L;
  private static final int KEPT = 2;

  private final Store store;
  private final Path scratch;

  Progress(Store store, Path scratch) {
    this.store = store;
    this.scratch = scratch;
  }

  /** One saved state as listed. */
  private record Entry(String at, long sequence, Digest digest) {}

  void save(Digest key, long sequence, Tensors state) {
    if (sequence < 0 || sequence > LARGEST) {
      throw new IllegalArgumentException("sequence " + sequence + " is not from 0 to " + LARGEST);
    }
    inTemporaryFile(file -> {
      Safetensors.write(file, state);
      HashedFile hashed = HashedFile.of(file);
      String at = folder(key) + "%012d-%s".formatted(sequence, hashed.digest());
      if (store.stat(at).filter(seen -> seen.bytes() == hashed.bytes()).isEmpty()) {
        store.upload(at, file);
      }
      return at;
    });
    List<Long> kept = entries(key).stream().map(Entry::sequence).distinct().limit(KEPT).toList();
    for (Entry entry : entries(key)) {
      if (!kept.contains(entry.sequence())) {
        store.delete(entry.at());
      }
    }
  }

  Optional<Ledger.Saved> latest(Digest key) {
    for (Entry entry : entries(key)) {
      Optional<Tensors> state = read(entry);
      if (state.isPresent()) {
        return Optional.of(new Ledger.Saved(entry.sequence(), state.get()));
      }
    }
    return Optional.empty();
  }

  void clear(Digest key) {
    store.list(folder(key)).forEach(seen -> store.delete(seen.key()));
  }

  /** Empty if it is damaged or gone; a store out of reach is a failure. */
  private Optional<Tensors> read(Entry entry) {
    Optional<InputStream> opened = store.open(entry.at(), 0);
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    return inTemporaryFile(file -> {
      HashedFile found;
      try (InputStream in = opened.get()) {
        found = HashedFile.copied("The saved state " + entry.at(), in, file);
      }
      if (!found.digest().equals(entry.digest())) {
        LOG.warn("The saved state {} is damaged and passed over", entry.at());
        return Optional.empty();
      }
      try {
        return Optional.of(Safetensors.read(file, "the saved state " + entry.at()));
      } catch (Mistake e) {
        LOG.warn("A saved state is passed over: {}", e.getMessage());
        return Optional.empty();
      }
    });
  }

  /** The highest sequence first. */
  private List<Entry> entries(Digest key) {
    String folder = folder(key);
    return store.list(folder).stream()
        .map(seen -> entry(folder, seen.key()))
        .flatMap(Optional::stream)
        .sorted(Comparator.comparingLong(Entry::sequence).reversed())
        .toList();
  }

  private static Optional<Entry> entry(String folder, String at) {
    Matcher name = NAME.matcher(at.substring(folder.length()));
    return name.matches()
        ? Optional.of(new Entry(at, Long.parseLong(name.group(1)), new Digest(name.group(2))))
        : Optional.empty();
  }

  private static String folder(Digest key) {
    return "progress/" + key.hex() + "/";
  }

  /** What is done with a file that is removed afterwards. */
  private interface Use<T> {
    T of(Path file) throws IOException;
  }

  private <T> T inTemporaryFile(Use<T> use) {
    try {
      Path file = Files.createTempFile(scratch, "state-", ".safetensors");
      try {
        return use.of(file);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw Failure.passing(
          "The state of a stage cannot be kept in "
              + scratch
              + " ("
              + e
              + "); expected room there.",
          e);
    }
  }
}
