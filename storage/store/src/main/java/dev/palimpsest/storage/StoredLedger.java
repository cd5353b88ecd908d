package dev.palimpsest.storage;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensors;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** The ledger in a store. */
public final class StoredLedger implements Ledger {
  private static final Pattern GENERATION = Pattern.compile("[0-9]{1,9}");
  private static final String CODE = "code/";
  private static final Duration SETTLING = Duration.ofMillis(300);

  private final Store store;
  private final Artifacts artifacts;
  private final Claims claims;
  private final Progress progress;

  /** With the system's folder for temporary files. */
  public StoredLedger(Store store, Artifacts artifacts) {
    this(store, artifacts, Path.of(System.getProperty("java.io.tmpdir")));
  }

  /**
   * @param scratch an existing folder for files that live as long as a call
   */
  public StoredLedger(Store store, Artifacts artifacts, Path scratch) {
    this(store, artifacts, scratch, System::nanoTime, SETTLING);
  }

  StoredLedger(
      Store store, Artifacts artifacts, Path scratch, LongSupplier nanos, Duration settling) {
    this.store = store;
    this.artifacts = artifacts;
    this.claims = new Claims(store, nanos, settling);
    this.progress = new Progress(store, scratch);
  }

  @Override
  public Optional<StageRecord> newest(Digest key) {
    List<Integer> numbers = numbers(key);
    return numbers.isEmpty() ? Optional.empty() : record(key, numbers.getLast());
  }

  @Override
  public Optional<StageRecord> hit(Digest key) {
    return newest(key).filter(this::whole);
  }

  @Override
  public List<StageRecord> generations(Digest key) {
    return numbers(key).stream()
        .map(number -> record(key, number))
        .flatMap(Optional::stream)
        .toList();
  }

  @Override
  public StageRecord publish(StageRecord record) {
    // A generation that was published while this one was computed is used, whatever its number.
    Optional<StageRecord> first = hit(record.key());
    if (first.isPresent()) {
      return first.get();
    }
    for (int number = record.generation(); ; number++) {
      StageRecord candidate =
          new StageRecord(
              record.key(), number, record.stage(), record.identity(), record.outputs());
      byte[] bytes = Json.line(candidate).getBytes(StandardCharsets.UTF_8);
      if (store.putIfAbsent(at(record.key(), number), bytes)) {
        return candidate;
      }
      Optional<StageRecord> winner = record(record.key(), number).filter(this::whole);
      if (winner.isPresent()) {
        return winner.get();
      }
    }
  }

  @Override
  public void keep(Digest code, byte[] manifest) {
    store.putIfAbsent(CODE + code.hex(), manifest);
  }

  @Override
  public Optional<byte[]> code(Digest code) {
    return store.read(CODE + code.hex());
  }

  @Override
  public Optional<Claim> claim(
      Digest key, String owner, Duration patience, Supplier<Boolean> alive) {
    return claims.claim(key, owner, patience, alive);
  }

  @Override
  public void save(Digest key, long sequence, Tensors state) {
    progress.save(key, sequence, state);
  }

  @Override
  public Optional<Saved> latest(Digest key) {
    return progress.latest(key);
  }

  @Override
  public void clear(Digest key) {
    progress.clear(key);
    claims.forget(key);
  }

  private boolean whole(StageRecord record) {
    return record.outputs().values().stream().allMatch(artifacts::present);
  }

  @Override
  public Optional<StageRecord> record(Digest key, int number) {
    String at = at(key, number);
    return store.read(at).map(bytes -> parse(at, bytes));
  }

  private StageRecord parse(String at, byte[] bytes) {
    try {
      return Json.read("the stage record " + at, bytes, StageRecord.class);
    } catch (Mistake e) {
      throw new Failure(
          "The object "
              + at
              + " in "
              + store.where()
              + " is damaged ("
              + e.getMessage()
              + "); remove it and run the study again.",
          e);
    }
  }

  /** The generations that are there, oldest first. */
  private List<Integer> numbers(Digest key) {
    String folder = folder(key);
    return store.list(folder).stream()
        .map(seen -> seen.key().substring(folder.length()))
        .filter(name -> GENERATION.matcher(name).matches())
        .map(Integer::valueOf)
        .sorted(Comparator.naturalOrder())
        .toList();
  }

  private static String folder(Digest key) {
    return "stages/" + key.hex() + "/";
  }

  private static String at(Digest key, int generation) {
    return folder(key) + generation;
  }
}
