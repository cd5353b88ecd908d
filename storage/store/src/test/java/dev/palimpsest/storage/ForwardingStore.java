package dev.palimpsest.storage;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Another store, of which a test changes one thing. */
public class ForwardingStore implements Store {
  private final Store other;

  public ForwardingStore(Store other) {
    this.other = other;
  }

  @Override
  public Optional<Stat> stat(String key) {
    return other.stat(key);
  }

  @Override
  public Optional<byte[]> read(String key) {
    return other.read(key);
  }

  @Override
  public Optional<InputStream> open(String key, long offset) {
    return other.open(key, offset);
  }

  @Override
  public Optional<byte[]> read(String key, long offset, int length) {
    return other.read(key, offset, length);
  }

  @Override
  public void put(String key, byte[] value) {
    other.put(key, value);
  }

  @Override
  public boolean putIfAbsent(String key, byte[] value) {
    return other.putIfAbsent(key, value);
  }

  @Override
  public void upload(String key, Path file) {
    other.upload(key, file);
  }

  @Override
  public void delete(String key) {
    other.delete(key);
  }

  @Override
  public List<Stat> list(String prefix) {
    return other.list(prefix);
  }

  @Override
  public String where() {
    return other.where();
  }

  @Override
  public void close() {
    other.close();
  }
}
