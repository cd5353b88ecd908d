package dev.palimpsest.console.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/** Runs that were started from forms: one form with the same inputs starts one run. */
public final class Starts {
  private static final int MOST_KEPT = 1000;

  private final Map<String, CompletableFuture<String>> started =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CompletableFuture<String>> eldest) {
          return size() > MOST_KEPT;
        }
      };

  /** What a form brings along. */
  public static String token() {
    return UUID.randomUUID().toString();
  }

  /**
   * The run of this form and these inputs, which is started unless it was; who comes second waits
   * for the first. A start that failed may be repeated.
   */
  public String once(String token, ObjectNode inputs, Supplier<String> start) {
    String key = token + Digest.of(Json.canonical(inputs)).hex();
    var own = new CompletableFuture<String>();
    CompletableFuture<String> first;
    synchronized (started) {
      first = started.putIfAbsent(key, own);
    }
    if (first == null) {
      try {
        own.complete(start.get());
      } catch (RuntimeException | Error e) {
        synchronized (started) {
          started.remove(key);
        }
        own.completeExceptionally(e);
      }
      first = own;
    }
    try {
      return first.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw e;
      }
    }
  }
}
