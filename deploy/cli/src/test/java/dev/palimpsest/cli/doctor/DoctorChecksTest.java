package dev.palimpsest.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.cli.doctor.Finding.Mark;
import dev.palimpsest.storage.ForwardingStore;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Store;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.Workers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The machine, the store and the workers. */
final class DoctorChecksTest {
  private static final long GB = 1_000_000_000;
  private static final Digest OWN = Digest.of("own");

  private final MemoryStore store = new MemoryStore();

  private static Finding of(List<Finding> findings, String about) {
    return findings.stream().filter(each -> each.about().equals(about)).findFirst().orElseThrow();
  }

  private static Machine machine(
      long memory, long free, boolean writable, long room, boolean avx2, boolean listening) {
    return new Machine(25, memory, free, Path.of("/home/me"), writable, room, avx2, listening);
  }

  @Test
  void aMachineWithRoomHasNothingToCure() {
    assertThat(machine(16 * GB, 8 * GB, true, 50 * GB, true, true).findings())
        .allSatisfy(each -> {
          assertThat(each.mark()).isEqualTo(Mark.OK);
          assertThat(each.cure()).isEmpty();
        })
        .extracting(Finding::about)
        .containsExactly("Java", "Processor", "Memory", "Disk", "Ports");
  }

  @Test
  void eachThingThatTheMachineLacksHasItsCure() {
    List<Finding> small = machine(2 * GB, GB, true, 2 * GB, false, true).findings();
    assertThat(of(small, "Memory").mark()).isEqualTo(Mark.WARNING);
    assertThat(of(small, "Memory").cure()).get().asString().contains("--workers 1");
    assertThat(of(small, "Disk").mark()).isEqualTo(Mark.WARNING);
    assertThat(of(small, "Processor").mark()).isEqualTo(Mark.WARNING);
    List<Finding> full = machine(16 * GB, GB / 2, true, GB / 2, true, false).findings();
    assertThat(of(full, "Memory").said()).isEqualTo("16.0 GB, 0.5 GB free");
    assertThat(of(full, "Memory").mark()).isEqualTo(Mark.WARNING);
    assertThat(of(full, "Disk").mark()).isEqualTo(Mark.PROBLEM);
    assertThat(of(full, "Ports").mark()).isEqualTo(Mark.PROBLEM);
    assertThat(of(machine(9 * GB, 5 * GB, false, 9 * GB, true, true).findings(), "Disk").said())
        .isEqualTo("/home/me cannot be written to");
  }

  @Test
  void thisMachineIsSeenAsItIs() {
    Machine here = Machine.here(Path.of("target/not/there").toAbsolutePath());
    assertThat(here.memory()).isGreaterThan(here.free() / 2).isGreaterThan(100_000_000L);
    assertThat(here.writable()).isTrue();
    assertThat(here.room()).isPositive();
    assertThat(here.listening()).isTrue();
    assertThat(Path.of("target/not")).doesNotExist();
  }

  @Test
  void aStoreThatDoesWhatItShouldIsLeftAsItWas() {
    assertThat(StoreCheck.of(store, Clock.systemUTC()))
        .allSatisfy(each -> assertThat(each.mark()).isEqualTo(Mark.OK))
        .extracting(Finding::about)
        .containsExactly("Store", "Clocks");
    assertThat(store.list("")).isEmpty();
  }

  private Finding storeFinding(Store faulty) {
    Finding finding = of(StoreCheck.of(faulty, Clock.systemUTC()), "Store");
    assertThat(finding.mark()).isEqualTo(Mark.PROBLEM);
    assertThat(finding.cure()).isPresent();
    return finding;
  }

  @Test
  void aStoreThatWritesOverIsFound() {
    var faulty =
        new ForwardingStore(store) {
          @Override
          public boolean putIfAbsent(String key, byte[] value) {
            put(key, value);
            return true;
          }
        };
    assertThat(storeFinding(faulty).said()).contains("ignores If-None-Match");
  }

  @Test
  void aStoreThatForgetsOrKeepsIsFound() {
    var forgetting =
        new ForwardingStore(store) {
          @Override
          public Optional<byte[]> read(String key) {
            return Optional.empty();
          }
        };
    assertThat(storeFinding(forgetting).said()).contains("does not give back what was written");
    var keeping =
        new ForwardingStore(store) {
          @Override
          public void delete(String key) {}
        };
    assertThat(storeFinding(keeping).said()).contains("keeps what was deleted");
  }

  @Test
  void aStoreThatIsAwayIsFound() {
    var away =
        new ForwardingStore(store) {
          @Override
          public boolean putIfAbsent(String key, byte[] value) {
            throw new Failure("The store at http://s3.lab cannot be reached.");
          }

          @Override
          public void delete(String key) {
            throw new Failure("The store at http://s3.lab cannot be reached.");
          }
        };
    assertThat(storeFinding(away).said())
        .isEqualTo("The store at http://s3.lab cannot be reached.");
  }

  @Test
  void clocksThatDifferAreFound() {
    assertThat(clocks(Duration.ofSeconds(50)).mark()).isEqualTo(Mark.OK);
    assertThat(clocks(Duration.ofMinutes(2)).mark()).isEqualTo(Mark.WARNING);
    assertThat(clocks(Duration.ofMinutes(-2)).mark()).isEqualTo(Mark.WARNING);
    assertThat(clocks(Duration.ofMinutes(16)).mark()).isEqualTo(Mark.PROBLEM);
  }

  private Finding clocks(Duration ahead) {
    return of(StoreCheck.of(store, Clock.offset(Clock.systemUTC(), ahead)), "Clocks");
  }

  private void announce(String id, Digest catalogue, Duration ago, Lane... lanes) {
    new Workers(store, Clock.offset(Clock.systemUTC(), ago.negated()))
        .announce(
            new Workers.Announcement(
                id,
                "0.1.0",
                Optional.of("0123456789abcdef"),
                catalogue,
                List.of(lanes),
                Numerics.PINNED_CPU,
                "lab-1",
                "2026-01-01T00:00:00Z",
                "2026-01-01T00:00:00Z"));
  }

  private List<Finding> workers() {
    return WorkersCheck.of(new Workers(store, Clock.systemUTC()), OWN, Clock.systemUTC());
  }

  @Test
  void withoutWorkersNoLaneIsServed() {
    assertThat(workers()).hasSize(1);
    assertThat(of(workers(), "Lanes").mark()).isEqualTo(Mark.PROBLEM);
    announce("w1", OWN, Duration.ZERO, Lane.CPU);
    assertThat(of(workers(), "Lanes").said()).isEqualTo("no worker serves gpu");
    assertThat(of(workers(), "Lanes").mark()).isEqualTo(Mark.WARNING);
    announce("w2", OWN, Duration.ZERO, Lane.GPU);
    assertThat(of(workers(), "Lanes").mark()).isEqualTo(Mark.OK);
    assertThat(of(workers(), "Worker w2").said())
        .startsWith("serves gpu on lab-1, cpu, 1 thread, avx2")
        .contains("build 0.1.0 of 0123456789ab, seen ");
  }

  @Test
  void aWorkerThatFellSilentOrHasOtherCodeIsNamed() {
    announce("silent", OWN, Duration.ofMinutes(20), Lane.CPU, Lane.GPU);
    announce("other", Digest.of("other"), Duration.ZERO, Lane.CPU, Lane.GPU);
    assertThat(of(workers(), "Worker silent").said())
        .isEqualTo("on lab-1: no sign of life for 20 min");
    Finding other = of(workers(), "Worker other");
    assertThat(other.mark()).isEqualTo(Mark.WARNING);
    assertThat(other.said()).endsWith("its stages or methods are not those of this command");
    assertThat(other.cure()).get().asString().contains("Restart it from the same build");
  }
}
