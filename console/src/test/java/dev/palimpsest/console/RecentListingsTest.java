package dev.palimpsest.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Failure;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Store;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RecentListingsTest {
  private static final byte[] LINE = {1};

  private final Store others = new MemoryStore();
  private final AtomicInteger listings = new AtomicInteger();
  private final AtomicBoolean down = new AtomicBoolean();
  private final Store store = new RecentListings(observed(), "index/");

  @Test
  void manyPagesAskTheStoreOnce() {
    others.put("index/a", LINE);
    for (int i = 0; i < 100; i++) {
      assertThat(keys(store, "index/")).containsExactly("index/a");
    }
    assertThat(listings.get()).isLessThan(5);
  }

  @Test
  void whatIsWrittenThroughItIsSeenAtOnce() {
    for (int i = 0; i < 200; i++) {
      assertThat(keys(store, "index/")).hasSize(i);
      store.put("index/%03d".formatted(i), LINE);
    }
    assertThat(store.putIfAbsent("index/x", LINE)).isTrue();
    store.delete("index/000");
    assertThat(keys(store, "index/")).hasSize(200).contains("index/x").doesNotContain("index/000");
  }

  @Test
  void whatOthersWriteIsSeenSoonAfter() throws InterruptedException {
    assertThat(keys(store, "index/")).isEmpty();
    others.put("index/a", LINE);
    while (keys(store, "index/").isEmpty()) {
      Thread.sleep(20);
    }
    others.delete("index/a");
    while (!keys(store, "index/").isEmpty()) {
      Thread.sleep(20);
    }
  }

  @Test
  void otherListingsAreAskedEachTime() {
    for (int i = 0; i < 3; i++) {
      assertThat(keys(store, "notes/")).isEmpty();
    }
    assertThat(listings).hasValue(3);
  }

  @Test
  void aStoreThatIsDownIsToldAndComesBack() throws InterruptedException {
    others.put("index/a", LINE);
    assertThat(keys(store, "index/")).hasSize(1);
    down.set(true);
    int before = listings.get();
    while (listings.get() == before) {
      Thread.sleep(20);
    }
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 500; i++) {
                keys(store, "index/");
                Thread.sleep(10);
              }
            })
        .isInstanceOf(Failure.class)
        .hasMessage("The store is down.");
    down.set(false);
    assertThat(keys(store, "index/")).hasSize(1);
  }

  private static List<String> keys(Store store, String prefix) {
    return store.list(prefix).stream().map(Store.Stat::key).toList();
  }

  private Store observed() {
    return (Store)
        Proxy.newProxyInstance(
            Store.class.getClassLoader(),
            new Class<?>[] {Store.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("list")) {
                listings.incrementAndGet();
                if (down.get()) {
                  throw Failure.passing("The store is down.", new IllegalStateException());
                }
              }
              try {
                return method.invoke(others, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
