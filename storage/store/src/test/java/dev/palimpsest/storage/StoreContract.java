package dev.palimpsest.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every store does alike; run against each of them. */
public abstract class StoreContract {
  @TempDir protected Path directory;

  /** A store without objects under {@code contract/}. */
  protected abstract Store store();

  @Test
  void missingKeysAreEmpty() {
    Store store = store();
    assertThat(store.stat("contract/none")).isEmpty();
    assertThat(store.read("contract/none")).isEmpty();
    assertThat(store.open("contract/none", 0)).isEmpty();
    assertThat(store.list("contract/none/")).isEmpty();
  }

  @Test
  void whatWasPutIsRead() {
    Store store = store();
    store.put("contract/read/a.json", utf8("{\"a\":1}"));
    assertThat(store.read("contract/read/a.json")).hasValue(utf8("{\"a\":1}"));
    Store.Stat stat = store.stat("contract/read/a.json").orElseThrow();
    assertThat(stat.key()).isEqualTo("contract/read/a.json");
    assertThat(stat.bytes()).isEqualTo(7);
  }

  @Test
  void anEmptyObjectIsAnObject() {
    Store store = store();
    store.put("contract/empty", new byte[0]);
    assertThat(store.read("contract/empty")).hasValue(new byte[0]);
    assertThat(store.stat("contract/empty").orElseThrow().bytes()).isZero();
  }

  @Test
  void putReplacesAndTheVersionChanges() {
    Store store = store();
    store.put("contract/version", utf8("one"));
    String before = store.stat("contract/version").orElseThrow().version();
    assertThat(store.stat("contract/version").orElseThrow().version()).isEqualTo(before);
    store.put("contract/version", utf8("two"));
    assertThat(store.read("contract/version")).hasValue(utf8("two"));
    assertThat(store.stat("contract/version").orElseThrow().version())
        .isNotEmpty()
        .isNotEqualTo(before);
  }

  @Test
  void aListingAndALookAgree() {
    Store store = store();
    store.put("contract/agree/x", utf8("some bytes"));
    assertThat(store.list("contract/agree/"))
        .containsExactly(store.stat("contract/agree/x").orElseThrow());
  }

  @Test
  void everyWriteIsDatedByTheStoresClock() throws Exception {
    Store store = store();
    Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    store.put("contract/dated/put", utf8("x"));
    Path file = Files.writeString(directory.resolve("dated.bin"), "x");
    store.upload("contract/dated/upload", file);
    store
        .list("contract/dated/")
        .forEach(seen ->
            // A store elsewhere may keep another time.
            assertThat(seen.modified())
                .isBetween(before.minusSeconds(120), Instant.now().plusSeconds(120)));

    Instant first = store.stat("contract/dated/put").orElseThrow().modified();
    Thread.sleep(1_100);
    store.put("contract/dated/put", utf8("x"));
    assertThat(store.stat("contract/dated/put").orElseThrow().modified()).isAfter(first);
  }

  @Test
  void putIfAbsentKeepsTheFirst() {
    Store store = store();
    assertThat(store.putIfAbsent("contract/first", utf8("first"))).isTrue();
    assertThat(store.putIfAbsent("contract/first", utf8("second"))).isFalse();
    assertThat(store.read("contract/first")).hasValue(utf8("first"));
  }

  @Test
  void putIfAbsentHasExactlyOneWinnerAmongManyThreads() throws Exception {
    Store store = store();
    int writers = 16;
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    try {
      for (int key = 0; key < 20; key++) {
        String name = "contract/race/" + key;
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> won = new ArrayList<>();
        for (int writer = 0; writer < writers; writer++) {
          byte[] value = utf8("writer " + writer);
          won.add(
              threads.submit(() -> {
                start.await();
                return store.putIfAbsent(name, value);
              }));
        }
        start.countDown();
        List<String> winners = new ArrayList<>();
        for (int writer = 0; writer < writers; writer++) {
          if (won.get(writer).get()) {
            winners.add("writer " + writer);
          }
        }
        assertThat(winners).as("winners of " + name).hasSize(1);
        assertThat(store.read(name)).hasValue(utf8(winners.getFirst()));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void openStartsAtTheOffset() throws IOException {
    Store store = store();
    store.put("contract/offset", utf8("0123456789"));
    assertThat(drain(store, "contract/offset", 0)).isEqualTo("0123456789");
    assertThat(drain(store, "contract/offset", 7)).isEqualTo("789");
    assertThat(drain(store, "contract/offset", 10)).isEmpty();
    assertThat(drain(store, "contract/offset", 11)).isEmpty();
  }

  @Test
  void listHasThePrefixInKeyOrder() {
    Store store = store();
    for (String name : List.of("b/1", "a-2", "a/10", "a/2", "a.x", "ab", "a/2-x/y")) {
      store.put("contract/list/" + name, utf8(name));
    }
    assertThat(keys(store, "contract/list/"))
        .containsExactly(
            "contract/list/a-2",
            "contract/list/a.x",
            "contract/list/a/10",
            "contract/list/a/2",
            "contract/list/a/2-x/y",
            "contract/list/ab",
            "contract/list/b/1");
    assertThat(keys(store, "contract/list/a/"))
        .containsExactly("contract/list/a/10", "contract/list/a/2", "contract/list/a/2-x/y");
    assertThat(keys(store, "contract/list/a/1")).containsExactly("contract/list/a/10");
  }

  @Test
  void aLongListingIsWhole() {
    Store store = store();
    for (int i = 0; i < 1_050; i++) {
      store.put("contract/long/%04d".formatted(i), new byte[] {(byte) i});
    }
    assertThat(keys(store, "contract/long/")).hasSize(1_050).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void deletingTwiceIsAsDeletingOnce() {
    Store store = store();
    store.put("contract/delete/me", utf8("x"));
    store.delete("contract/delete/me");
    store.delete("contract/delete/me");
    assertThat(store.stat("contract/delete/me")).isEmpty();
    assertThat(store.list("contract/delete/")).isEmpty();
    assertThat(store.putIfAbsent("contract/delete/me", utf8("y"))).isTrue();
  }

  @Test
  void writersAndRemoversInOneFolderDoNotDisturbEachOther() throws Exception {
    Store store = store();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<Integer>> done = new ArrayList<>();
      for (int worker = 0; worker < 8; worker++) {
        String key = "contract/side/by/side/" + worker;
        done.add(
            threads.submit(() -> {
              int written = 0;
              for (int i = 0; i < 40; i++) {
                written += store.putIfAbsent(key, utf8("x" + i)) ? 1 : 0;
                store.delete(key);
              }
              return written;
            }));
      }
      for (Future<Integer> each : done) {
        assertThat(each.get()).isEqualTo(40);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aPartOfAnObjectIsRead() {
    Store store = store();
    store.put("contract/part", utf8("0123456789"));
    assertThat(store.read("contract/part", 3, 4)).hasValue(utf8("3456"));
    assertThat(store.read("contract/part", 0, 2)).hasValue(utf8("01"));
    assertThat(store.read("contract/part", 8, 100)).hasValue(utf8("89"));
    assertThat(store.read("contract/part", 10, 5)).hasValue(new byte[0]);
    assertThat(store.read("contract/part", 3, 0)).hasValue(new byte[0]);
    assertThat(store.read("contract/none", 0, 5)).isEmpty();
  }

  @Test
  void aLargeFileRoundTrips() throws IOException {
    Store store = store();
    byte[] bytes = new byte[40 << 20];
    new Random(1).nextBytes(bytes);
    Path file = Files.write(directory.resolve("large.bin"), bytes);
    store.upload("contract/large", file);
    assertThat(store.stat("contract/large").orElseThrow().bytes()).isEqualTo(bytes.length);
    try (InputStream in = store.open("contract/large", 0).orElseThrow()) {
      assertThat(in.readAllBytes()).isEqualTo(bytes);
    }
    int offset = (16 << 20) + 12_345;
    try (InputStream in = store.open("contract/large", offset).orElseThrow()) {
      assertThat(in.readNBytes(1_000)).isEqualTo(Arrays.copyOfRange(bytes, offset, offset + 1_000));
    }
    assertThat(store.read("contract/large", offset, 1_000).orElseThrow())
        .isEqualTo(Arrays.copyOfRange(bytes, offset, offset + 1_000));
    assertThatThrownBy(() -> store.read("contract/large"))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("contract/large")
        .hasMessageContaining("too large");
    assertThat(keys(store, "contract/")).filteredOn(key -> key.contains("large")).hasSize(1);
  }

  @Test
  void smallAndEmptyFilesAreUploadedAndReplaced() throws IOException {
    Store store = store();
    Path file = Files.writeString(directory.resolve("small.bin"), "small");
    store.upload("contract/small", file);
    assertThat(store.read("contract/small")).hasValue(utf8("small"));
    store.upload("contract/small", Files.write(file, new byte[0]));
    assertThat(store.read("contract/small")).hasValue(new byte[0]);
  }

  @Test
  void aFileThatIsNotThereIsAFailureNamingIt() {
    Store store = store();
    assertThatThrownBy(() -> store.upload("contract/gone", directory.resolve("gone.bin")))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("gone.bin")
        .hasMessageContaining("contract/gone");
  }

  @Test
  void keysThatServersUseForThemselvesAreRefused() {
    Store store = store();
    for (String key :
        List.of(
            "",
            "/a",
            "a/",
            "a//b",
            "../a",
            "a/../b",
            ".mpus-1/x",
            "a b",
            "a/tmp-0b1c2d3e-0000-4000-8000-0123456789ab",
            "ä")) {
      assertThatThrownBy(() -> store.put(key, new byte[0]))
          .as("key '%s'", key)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(key);
    }
    store.put("contract/0b1c2d3e-0000-4000-8000-0123456789ab", utf8("a plain UUID is fine"));
    assertThat(keys(store, "contract/0b1c")).hasSize(1);
  }

  protected static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  protected static List<String> keys(Store store, String prefix) {
    return store.list(prefix).stream().map(Store.Stat::key).toList();
  }

  private static String drain(Store store, String key, long offset) throws IOException {
    try (InputStream in = store.open(key, offset).orElseThrow()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
