package dev.palimpsest.storage;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** A store in this process's memory: what an S3 store does, without a server. */
public final class MemoryStore implements Store {
  private final NavigableMap<String, Value> objects = new TreeMap<>();
  private final InstantSource clock;

  public MemoryStore() {
    this(InstantSource.system());
  }

  /**
   * @param clock tells when objects are written
   */
  public MemoryStore(InstantSource clock) {
    this.clock = clock;
  }

  /** An object. */
  private record Value(byte[] bytes, Instant modified) {}

  @Override
  public synchronized Optional<Stat> stat(String key) {
    return Optional.ofNullable(objects.get(Keys.checked(key))).map(value -> stat(key, value));
  }

  @Override
  public synchronized Optional<byte[]> read(String key) {
    Optional<byte[]> bytes = bytes(key);
    if (bytes.filter(value -> value.length > SMALL).isPresent()) {
      throw new Failure("The object " + key + " in memory is too large to be read as a whole.");
    }
    return bytes.map(byte[]::clone);
  }

  @Override
  public synchronized Optional<InputStream> open(String key, long offset) {
    return bytes(key)
        .map(value -> {
          int from = (int) Math.min(offset, value.length);
          return new ByteArrayInputStream(value, from, value.length - from);
        });
  }

  @Override
  public synchronized void put(String key, byte[] value) {
    write(key, value.clone());
  }

  @Override
  public synchronized boolean putIfAbsent(String key, byte[] value) {
    if (objects.containsKey(Keys.checked(key))) {
      return false;
    }
    write(key, value.clone());
    return true;
  }

  @Override
  public void upload(String key, Path file) {
    byte[] value;
    try {
      value = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new Failure(
          "The file " + file.getFileName() + " for " + key + " cannot be read: " + e + ".", e);
    }
    synchronized (this) {
      write(key, value);
    }
  }

  @Override
  public synchronized void delete(String key) {
    objects.remove(Keys.checked(key));
  }

  @Override
  public synchronized List<Stat> list(String prefix) {
    List<Stat> found = new ArrayList<>();
    for (Map.Entry<String, Value> entry :
        objects.tailMap(Keys.checkedPrefix(prefix), true).entrySet()) {
      if (!entry.getKey().startsWith(prefix)) {
        break;
      }
      found.add(stat(entry.getKey(), entry.getValue()));
    }
    return found;
  }

  @Override
  public String where() {
    return "memory";
  }

  @Override
  public void close() {}

  /** Stores on directories cannot hold both {@code a} and {@code a/b}: nor can this one. */
  private void write(String key, byte[] value) {
    Keys.checked(key);
    String below = objects.ceilingKey(key + "/");
    boolean taken = below != null && below.startsWith(key + "/");
    for (int slash = key.indexOf('/'); slash > 0; slash = key.indexOf('/', slash + 1)) {
      taken |= objects.containsKey(key.substring(0, slash));
    }
    if (taken) {
      throw new Failure(
          "The store in memory refuses " + key + ": a key cannot also be a folder of others.");
    }
    objects.put(key, new Value(value, clock.instant().truncatedTo(ChronoUnit.SECONDS)));
  }

  private Optional<byte[]> bytes(String key) {
    return Optional.ofNullable(objects.get(Keys.checked(key))).map(Value::bytes);
  }

  private static Stat stat(String key, Value value) {
    return new Stat(key, value.bytes.length, Digest.of(value.bytes).hex(), value.modified);
  }
}
