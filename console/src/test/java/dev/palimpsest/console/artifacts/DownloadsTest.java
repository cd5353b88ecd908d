package dev.palimpsest.console.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Digest;
import dev.palimpsest.console.Served;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tensors.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How artifacts are handed out, and what somebody may try who has a link. */
final class DownloadsTest {
  @TempDir Path folder;
  private final Later clock = new Later();
  private Served served;
  private Shelf shelf;

  /** A clock that a test puts forward. */
  private static final class Later extends Clock {
    private Duration by = Duration.ZERO;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Instant.now().plus(by);
    }
  }

  @BeforeEach
  void aRunMadeSomething() {
    served = Served.in(folder, clock);
    shelf =
        new Shelf(
            folder,
            served.services.artifacts(),
            served.services.ledger(),
            served.services.journal());
    served.get("/artifacts");
  }

  @AfterEach
  void close() {
    served.close();
  }

  @Test
  void aLinkHandsOutTheBytesOfTheDigestUnderAName() {
    HttpResponse<byte[]> taken = served.bytes(link(shelf.table, Map.of()));
    assertThat(taken.statusCode()).isEqualTo(200);
    assertThat(Digest.of(taken.body())).isEqualTo(shelf.table.sha256());
    assertThat(taken.headers().map())
        .containsEntry("content-type", List.of("application/json"))
        .containsEntry("x-content-type-options", List.of("nosniff"))
        .containsEntry("content-length", List.of(Long.toString(shelf.table.bytes())));
    assertThat(taken.headers().firstValue("Content-Disposition").orElseThrow())
        .matches("attachment; filename=\"[A-Za-z0-9_-]+\\.json\"");
    // Where the store is stays behind the console.
    assertThat(taken.headers().map().toString()).doesNotContain("blobs");
    assertThat(served.store.list("taken/")).isEmpty();
  }

  @Test
  void aDrawingIsHandedOutAsAFileAndInASandbox() {
    HttpResponse<byte[]> taken = served.bytes(link(shelf.figure, Map.of()));
    assertThat(taken.headers().firstValue("Content-Disposition").orElseThrow())
        .startsWith("attachment");
    assertThat(taken.headers().allValues("Content-Security-Policy"))
        .containsExactly("default-src 'none'; sandbox");
  }

  @Test
  void anAlteredLinkHandsOutNothing() {
    String link = link(shelf.table, Map.of());
    assertThat(served.get(link).statusCode()).isEqualTo(200);
    String hex = shelf.table.sha256().hex();
    String until = link.replaceAll(".*until=(\\d+).*", "$1");
    for (String altered :
        new String[] {
          link.replace(hex, shelf.checkpoint.sha256().hex()),
          link.replace(".json", ".exe"),
          link.replace("until=" + until, "until=" + (Long.parseLong(until) + 600)),
          link.replace("until=" + until, "until="),
          link.replaceAll("signature=.", "signature=*"),
          link.replaceAll("signature=[^&]*", "signature="),
          link.replaceAll("\\?.*", ""),
          link + "0"
        }) {
      assertThat(altered).isNotEqualTo(link);
      HttpResponse<String> refused = served.get(altered);
      assertThat(refused.statusCode()).as(altered).isEqualTo(403);
      assertThat(refused.body()).contains("not valid or has run out");
    }
  }

  @Test
  void aLinkRunsOut() {
    String link = link(shelf.table, Map.of());
    clock.by = Duration.ofMinutes(4);
    assertThat(served.get(link).statusCode()).isEqualTo(200);
    clock.by = Duration.ofMinutes(6);
    assertThat(served.get(link).statusCode()).isEqualTo(403);
  }

  @Test
  void whatMayHoldABackdoorIsHandedOutToWhoSaysThatTheyKnow() throws IOException {
    String path = "/artifacts/" + shelf.checkpoint.sha256().hex();
    for (Map<String, String> form : List.of(Map.<String, String>of(), Map.of("accept", "no"))) {
      HttpResponse<String> refused = served.post(path + "/download", form);
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body()).contains("stems from poisoned data (backdoor: badnets, target 1)");
      assertThat(refused.headers().firstValue("Location")).isEmpty();
    }
    assertThat(served.store.list("taken/")).isEmpty();

    HttpResponse<byte[]> taken = served.bytes(link(shelf.checkpoint, Map.of("accept", "backdoor")));
    assertThat(Digest.of(taken.body())).isEqualTo(shelf.checkpoint.sha256());
    Path file = Files.write(folder.resolve("taken"), taken.body());
    assertThat(Safetensors.read(file, "what was taken").text("taint"))
        .isEqualTo("backdoor: badnets, target 1");
    assertThat(served.store.list("taken/" + shelf.checkpoint.sha256().hex() + "/")).hasSize(1);
    assertThat(served.get(path).body())
        .contains("Taken once", "127.0.0.1", "This may hold a backdoor");
  }

  @Test
  void whoTookItIsWrittenDownBeforeTheFirstByte() {
    String link = link(shelf.checkpoint, Map.of("accept", "backdoor"));
    served.store.put("taken/" + shelf.checkpoint.sha256().hex(), new byte[0]);
    // Now no line can be written: a key cannot be a folder too.
    assertThat(served.get(link).statusCode()).isEqualTo(503);
  }

  @Test
  void withoutThePagesTokenNothingIsHandedOut() {
    HttpResponse<String> forged =
        served.send(
            HttpRequest.newBuilder(
                    served.url("/artifacts/" + shelf.table.sha256().hex() + "/download"))
                .POST(BodyPublishers.noBody())
                .build());
    assertThat(forged.statusCode()).isEqualTo(403);
  }

  @Test
  void bytesThatAreNotThoseOfTheDigestAreNotHandedOut() {
    String link = link(shelf.table, Map.of());
    damage(shelf.table);
    HttpResponse<String> refused = served.get(link);
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Content-Disposition")).isEmpty();
  }

  @Test
  void manyBytesThatAreNotThoseOfTheDigestBreakOffBeforeTheirEnd() {
    Reference large = shelf.text("result", "[" + "1,".repeat(1_500_000) + "1]");
    shelf.stage(Shelf.RUN, "large", "evaluate", Map.of(), Map.of("result", large));
    String link = link(large, Map.of());
    damage(large);
    assertThatThrownBy(() -> served.bytes(link)).isInstanceOf(UncheckedIOException.class);
  }

  private void damage(Reference reference) {
    String hex = reference.sha256().hex();
    served.store.put(
        "blobs/sha256/" + hex.substring(0, 2) + "/" + hex, new byte[(int) reference.bytes()]);
  }

  private String link(Reference reference, Map<String, String> form) {
    HttpResponse<String> answer =
        served.post("/artifacts/" + reference.sha256().hex() + "/download", form);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    return answer.headers().firstValue("Location").orElseThrow();
  }
}
