package dev.palimpsest.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.storage.ForwardingStore;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Store;
import dev.palimpsest.workflows.Definitions.Version;
import dev.palimpsest.workflows.client.Conductor;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DefinitionsTest {
  private static final String FIRST = Sample.RIGHT;
  private static final String SECOND = FIRST.replace("\"epochs\": 2", "\"epochs\": 4");

  private final MemoryStore store = new MemoryStore();
  private final Definitions definitions = new Definitions(store, Sample.catalogue());

  @Test
  void eachChangeIsAVersionAndTheFormerStays() {
    assertThat(definitions.register(FIRST)).isEqualTo(new Version("study", 1));
    assertThat(definitions.register(SECOND)).isEqualTo(new Version("study", 2));
    assertThat(definitions.names()).containsExactly("study");
    assertThat(definitions.versions("study")).containsExactly(1, 2);
    assertThat(definitions.text("study", 1)).contains(FIRST);
    assertThat(definitions.text("study", 2))
        .contains(SECOND.replace("\"version\": 1", "\"version\": 2"));
    assertThat(definitions.get("study", Optional.empty()).version()).isEqualTo(2);
  }

  @Test
  void whatTheNewestVersionSaysIsNotKeptTwice() {
    definitions.register(FIRST);
    assertThat(definitions.register(FIRST.replace("\"version\": 1", "\"version\": 9")))
        .isEqualTo(new Version("study", 1));
    definitions.register(SECOND);
    // The first again: that is a change.
    assertThat(definitions.register(FIRST)).isEqualTo(new Version("study", 3));
  }

  @Test
  void aTextWithoutAVersionGetsOne() {
    definitions.register(FIRST.replace("\"version\": 1, ", ""));
    assertThat(definitions.get("study", Optional.of(1)).json().path("version").asInt())
        .isEqualTo(1);
  }

  @Test
  void writersAtOnceGetDifferentVersions() throws Exception {
    var all = new CountDownLatch(8);
    // Every writer has seen that there is no version before any writes one.
    Store slow =
        new ForwardingStore(store) {
          @Override
          public boolean putIfAbsent(String key, byte[] value) {
            all.countDown();
            try {
              assertThat(all.await(1, TimeUnit.MINUTES)).isTrue();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return super.putIfAbsent(key, value);
          }
        };
    var writers = new Definitions(slow, Sample.catalogue());
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Version>> written =
          IntStream.range(0, 8)
              .mapToObj(i -> pool.submit(() -> writers.register(described(i))))
              .toList();
      for (int i = 0; i < 8; i++) {
        int version = written.get(i).get().version();
        assertThat(definitions.text("study", version).orElseThrow()).contains("writer " + i);
      }
    }
    assertThat(definitions.versions("study")).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
  }

  private static String described(int writer) {
    return FIRST.replace("\"version\": 1", "\"description\": \"writer " + writer + "\"");
  }

  @Test
  void whatIsWrongIsNotKept() {
    assertThatThrownBy(() -> definitions.register(FIRST.replace("\"train\"", "\"trian\"")))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("did you mean 'train'?");
    assertThatThrownBy(() -> definitions.register("{")).isInstanceOf(Mistake.class);
    for (String name : List.of("sbl", "../x", "a b", "")) {
      assertThatThrownBy(() ->
              definitions.register(
                  FIRST.replace("\"name\": \"study\"", "\"name\": \"" + name + "\"")))
          .isInstanceOf(Mistake.class)
          .hasMessageContaining("cannot name a definition");
    }
    assertThat(store.list("")).isEmpty();
  }

  @Test
  void noNameFromOutsideReachesAnotherKey() {
    store.put("runs/r/run.json", new byte[] {'1'});
    for (String name : List.of("../runs/r", "runs/r", "..", "", "x/../../runs/r")) {
      assertThat(definitions.versions(name)).isEmpty();
      assertThat(definitions.text(name, 1)).isEmpty();
    }
  }

  @Test
  void anUnknownNameOrVersionIsRefusedWithTheOneThatWasMeant() {
    definitions.register(FIRST);
    assertThatThrownBy(() -> definitions.get("stduy", Optional.empty()))
        .hasMessage("unknown definition 'stduy'; did you mean 'study'?");
    assertThatThrownBy(() -> definitions.get("study", Optional.of(4)))
        .hasMessage("Definition 'study' has no version 4; expected 1 to 1.");
  }

  @Test
  void aVersionIsKeptWhereConductorDoesNotAnswer() {
    Version kept = definitions.register(FIRST);
    try (Conductor nobody = Conductor.at("http://127.0.0.1:9", "")) {
      assertThat(definitions.announce(kept, nobody).orElseThrow())
          .contains("http://127.0.0.1:9 cannot be reached");
    }
    assertThat(definitions.versions("study")).containsExactly(1);
  }
}
