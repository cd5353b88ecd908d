package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.ForwardingStore;
import dev.palimpsest.storage.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the doctor speaks; where nothing runs, too. */
final class DoctorTest {
  @TempDir Path folder;

  @Test
  void whereNothingRunsTheMachineAndTheStoreAreLookedAt() {
    var bench = new Bench(folder);
    bench.run("doctor", "--home", folder.toString());
    assertThat(bench.out())
        .contains("✓ Java", "Disk", "✓ Services    none run on", "✓ Store       memory: writes");
    assertThat(bench.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(81));
    assertThat(bench.err()).isEmpty();
  }

  @Test
  void aProblemIsToldWithItsCureAndByTheExitCode() {
    var away =
        new ForwardingStore(new MemoryStore()) {
          @Override
          public boolean putIfAbsent(String key, byte[] value) {
            throw new Failure("The store is away.");
          }
        };
    var bench = new Bench(folder, away);
    assertThat(bench.run("doctor", "--home", folder.toString())).isEqualTo(1);
    assertThat(bench.out())
        .contains("✗ Store       The store is away.\n              Start the store");
    assertThat(bench.out()).contains("1 problem");

    assertThat(bench.run("doctor", "--json", "--home", folder.toString())).isEqualTo(1);
    JsonNode json = Json.parse("output", bench.out().getBytes(StandardCharsets.UTF_8));
    assertThat(json)
        .anySatisfy(finding -> {
          assertThat(finding.path("about").asText()).isEqualTo("Store");
          assertThat(finding.path("mark").asText()).isEqualTo("problem");
          assertThat(finding.path("cure").asText()).startsWith("Start the store");
        });
  }

  @Test
  void aConductorThatIsNoneIsRefused() {
    assertThat(new Bench(folder).run("doctor", "--conductor", "x", "--s3", "http://127.0.0.1:1"))
        .isEqualTo(2);
  }
}
