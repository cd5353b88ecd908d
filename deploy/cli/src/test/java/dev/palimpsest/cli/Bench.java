package dev.palimpsest.cli;

import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Store;
import dev.palimpsest.storage.StoredArtifacts;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** Runs commands in this process on a store in memory, and keeps what they print. */
final class Bench implements Backends {
  final Store store;
  final StoredArtifacts artifacts;
  Terminal terminal = Terminal.PLAIN;

  /** What the user types. */
  String answer = "";

  private final Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  Bench(Path folder) {
    this(folder, new MemoryStore());
  }

  Bench(Path folder, InstantSource clock) {
    this(folder, new MemoryStore(clock));
  }

  Bench(Path folder, Store store) {
    this.folder = folder;
    this.store = store;
    this.artifacts = new StoredArtifacts(store, folder.resolve("cache"));
  }

  int run(String... arguments) {
    out.reset();
    err.reset();
    return Main.run(
        new Session(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Map.of(),
            folder,
            () -> terminal,
            () -> answer,
            this),
        arguments);
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Override
  public Backend running(Servers servers) {
    return new Backend(Optional.empty(), store, artifacts, Optional.empty());
  }

  @Override
  public Backend store(Servers servers, boolean make) {
    return running(servers);
  }

  @Override
  public Backend looked(Servers servers) {
    return running(servers);
  }

  @Override
  public Optional<Backend> found(Servers servers) {
    return Optional.empty();
  }

  @Override
  public Backend started(Servers servers, Wanted wanted, ServiceWords words) {
    throw new AssertionError("services were started");
  }
}
