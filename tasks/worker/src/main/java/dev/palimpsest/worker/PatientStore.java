package dev.palimpsest.worker;

import dev.palimpsest.storage.Store;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A store whose short absences go unnoticed. */
final class PatientStore implements Store {
  private final Store store;
  private final Patience patience = Patience.of(Duration.ofMinutes(5));

  PatientStore(Store store) {
    this.store = store;
  }

  @Override
  public Optional<Stat> stat(String key) {
    return patience.get(() -> store.stat(key));
  }

  @Override
  public Optional<byte[]> read(String key) {
    return patience.get(() -> store.read(key));
  }

  @Override
  public Optional<byte[]> read(String key, long offset, int length) {
    return patience.get(() -> store.read(key, offset, length));
  }

  @Override
  public Optional<InputStream> open(String key, long offset) {
    return patience.get(() -> store.open(key, offset));
  }

  @Override
  public void put(String key, byte[] value) {
    patience.run(() -> store.put(key, value));
  }

  /**
   * As {@link Store#putIfAbsent}; a repeated attempt may find its own first write, so false means
   * that the object is there, by whomever.
   */
  @Override
  public boolean putIfAbsent(String key, byte[] value) {
    return patience.get(() -> store.putIfAbsent(key, value));
  }

  @Override
  public void upload(String key, Path file) {
    patience.run(() -> store.upload(key, file));
  }

  @Override
  public void delete(String key) {
    patience.run(() -> store.delete(key));
  }

  @Override
  public List<Stat> list(String prefix) {
    return patience.get(() -> store.list(prefix));
  }

  @Override
  public String where() {
    return store.where();
  }

  @Override
  public void close() {
    store.close();
  }
}
