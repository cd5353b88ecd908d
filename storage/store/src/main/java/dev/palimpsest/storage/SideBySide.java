package dev.palimpsest.storage;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** Many small requests to a store at once: each of them is mostly waiting. */
public final class SideBySide {
  private static final int THREADS = 16;

  private SideBySide() {}

  /** What {@code request} answers to each of {@code all}, in their order; the first failure. */
  public static <T, R> List<R> map(Collection<T> all, Function<? super T, R> request) {
    try (ExecutorService threads =
        Executors.newFixedThreadPool(THREADS, Thread.ofPlatform().daemon().factory())) {
      var asked = new ArrayList<CompletableFuture<R>>();
      for (T each : all) {
        asked.add(CompletableFuture.supplyAsync(() -> request.apply(each), threads));
      }
      try {
        return asked.stream().map(CompletableFuture::join).toList();
      } catch (CompletionException e) {
        threads.shutdownNow();
        throw e.getCause() instanceof RuntimeException cause ? cause : e;
      }
    }
  }
}
