package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.ForwardingStore;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.RunJournal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/** An archive enters another store whole, or not at all. */
final class BundleImportTest extends MadeRun {
  @Test
  void anImportedRunIsListedAndItsStagesAreNotComputedAgain() {
    Path archive = exported("--accept-backdoor");
    assertThat(there.run("import", archive.toString())).as(there.err()).isZero();
    assertThat(there.out())
        .isEqualTo("Run " + RUN + " of workflow 'sbl': 4 stages, 6 artifacts, in memory\n");
    assertThat(there.err()).contains("⚠ It stems from poisoned data: backdoor: badnets, target 0");
    for (StageRecord record : records().values()) {
      assertThat(ledger(there).hit(record.key())).contains(record);
    }
    assertThat(new RunJournal(there.store).newest(1))
        .isEqualTo(new RunJournal(here.store).newest(1));
    assertThat(there.store.list("code/")).hasSize(4);
    assertThat(there.run("artifacts", "ls", RUN)).isZero();
    String listed = there.out();
    assertThat(here.run("artifacts", "ls", RUN)).isZero();
    assertThat(listed).isEqualTo(here.out());
    assertThat(there.artifacts.present(data)).isTrue();

    assertThat(there.run("import", archive.toString())).isZero();
  }

  @Test
  void aRunOfTheSameIdThatIsAnotherIsNotReplaced() {
    Path archive = exported("--accept-backdoor");
    var other =
        new RunJournal.Run(
            RUN, "sbl", Json.object(), Json.object(), Map.of(), "2026-02-02T00:00:00Z");
    new RunJournal(there.store).write(other);
    assertThat(there.run("import", archive.toString())).isEqualTo(2);
    assertThat(there.err()).contains("the store has a different run of this id");
    assertThat(there.store.list("blobs/")).isEmpty();
    assertThat(new RunJournal(there.store).run(RUN)).contains(other);
  }

  @Test
  void anotherResultOfTheSameKeyIsKeptAndTold() throws IOException {
    StageRecord joint = record("joint");
    Reference other =
        there.artifacts.put("checkpoint", Files.writeString(folder.resolve("o"), "o"), BACKDOOR);
    ledger(there)
        .publish(
            new StageRecord(
                joint.key(), 0, "train", joint.identity(), Map.of("checkpoint", other)));
    assertThat(there.run("import", exported("--accept-backdoor").toString())).isZero();
    assertThat(there.err())
        .contains("Task 'joint': the store keeps another result of the same key");
    assertThat(ledger(there).hit(joint.key()).orElseThrow().outputs())
        .containsEntry("checkpoint", other);
  }

  @Test
  void aStoreThatFailsOnTheWayShowsNoRunAndTheSameImportCompletesIt() {
    Path archive = exported("--accept-backdoor");
    var store = new Failing();
    var flaky = new Bench(folder.resolve("there"), store);
    assertThat(flaky.run("import", archive.toString())).isEqualTo(1);
    assertThat(new RunJournal(flaky.store).run(RUN)).isEqualTo(Optional.empty());
    store.left = 1000;
    assertThat(flaky.run("import", archive.toString())).isZero();
    assertThat(ledger(flaky).hit(record("joint").key())).isPresent();
  }

  /** A store that takes a few writes and then no more. */
  private static final class Failing extends ForwardingStore {
    private int left = 7;

    Failing() {
      super(new MemoryStore());
    }

    private void take() {
      if (left-- <= 0) {
        throw new Failure("the store is away");
      }
    }

    @Override
    public void put(String key, byte[] value) {
      take();
      super.put(key, value);
    }

    @Override
    public boolean putIfAbsent(String key, byte[] value) {
      take();
      return super.putIfAbsent(key, value);
    }

    @Override
    public void upload(String key, Path file) {
      take();
      super.upload(key, file);
    }
  }

  /** The archive with one file changed, and the sums put right if wanted. */
  private Path changed(String name, UnaryOperator<String> change, boolean sums) throws IOException {
    SortedMap<String, byte[]> files = files(exported("--accept-backdoor"));
    var text = new TreeMap<String, byte[]>(files);
    text.put(
        ROOT + name,
        change
            .apply(files.containsKey(ROOT + name) ? text(files, name) : "")
            .getBytes(StandardCharsets.ISO_8859_1));
    if (sums) {
      text.put(ROOT + "SHA256SUMS", sums(text).getBytes(StandardCharsets.UTF_8));
    }
    Path made = folder.resolve("changed.zip");
    try (var zip = new ZipOutputStream(Files.newOutputStream(made))) {
      for (var file : text.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
      }
    }
    return made;
  }

  private static String sums(SortedMap<String, byte[]> files) {
    var sums = new StringBuilder();
    files.forEach((name, bytes) -> {
      if (!name.endsWith("SHA256SUMS")) {
        sums.append(Digest.of(bytes))
            .append("  ")
            .append(name.substring(ROOT.length()))
            .append('\n');
      }
    });
    return sums.toString();
  }

  private void refused(Path archive, String sentence) {
    assertThat(there.run("import", archive.toString())).isEqualTo(2);
    assertThat(there.err()).contains(sentence);
    for (String prefix : List.of("blobs/", "stages/", "runs/")) {
      assertThat(there.store.list(prefix)).isEmpty();
    }
  }

  @Test
  void aDamagedFileIsRefusedAndNothingIsStored() throws IOException {
    refused(
        changed("results/before-result.json", text -> text.replace("0.5", "0.9"), false),
        "'results/before-result.json' is damaged");
    refused(
        changed("SHA256SUMS", text -> text.substring(text.indexOf('\n') + 1), false),
        "is not named in SHA256SUMS");
    refused(
        changed("SHA256SUMS", text -> text + text.lines().findFirst().orElseThrow() + "\n", false),
        "names no file of the archive, or one twice");
  }

  @Test
  void aForgedResultIsRefusedAlthoughItsSumsAreRight() throws IOException {
    refused(
        changed("results/before-result.json", text -> text.replace("0.5", "0.9"), true),
        "has not the digest and size that the manifest gives it");
    String task = "stages/joint.json";
    refused(
        changed(task, text -> text.replaceFirst("\"bytes\" : \\d+", "\"bytes\" : 1"), true),
        "'stages/joint.json' has outputs that no record names");
    String record = "records/" + record("joint").key() + "-0.json";
    refused(
        changed(record, text -> text.replace("resnet-small", "resnet-large"), true),
        "has a key that is not the digest of its identity");
    refused(
        changed("run.json", text -> text.replace(RUN, "../../x"), true),
        "has the id '../../x', not that of the manifest");
    refused(
        changed("manifest.json", text -> text.replace("\"version\" : 1", "\"version\" : 2"), true),
        "this build reads 'palimpsest-bundle', version 1");
  }

  @Test
  void whatWouldHarmTheStoreOrItsReadersIsRefused() throws IOException {
    refused(
        changed("run.json", text -> text.replace("2026-01-01T00:00:00Z", "yesterday"), true),
        "'run.json' has the time 'yesterday'");
    refused(
        changed("end.json", text -> text.replace("2026-01-01T00:05:00Z", "soon"), true),
        "'end.json' has the time 'soon'");
    refused(
        changed("stages/joint.json", text -> text.replace("2026-01-01T00:01:00Z", ""), true),
        "'stages/joint.json' has the time ''");
    refused(
        changed(
            "stages/summarise.json", text -> text.replace("\"courses\"", "\"x/../../y\""), true),
        "'stages/summarise.json' has a name that is none of a task or an output");
    refused(
        changed("run.json", text -> text.replace("\"sbl\"", "\"\\u001b[2J\""), true),
        "'run.json' holds control characters");
    refused(
        changed("run.json", text -> text.replaceFirst("\\{", "{ \"verifies\": \"x\","), true),
        "'run.json' is a verification");
    String record = "records/" + record("joint").key() + "-0.json";
    refused(
        changed(record, text -> text.replace("\"generation\" : 0", "\"generation\" : -1"), true),
        "is of generation -1");
  }

  @Test
  void aRecordOfNoStageOfTheRunIsRefused() throws IOException {
    StageRecord joint = record("joint");
    var another = new StageRecord(joint.key(), 1, joint.stage(), joint.identity(), joint.outputs());
    refused(
        changed("records/more.json", text -> Json.pretty(another), true),
        "'records/' holds " + joint.key().brief() + ", of no stage of the run");
    ObjectNode identity = joint.identity().deepCopy();
    identity.put("again", RUN + "/0");
    Digest key = Digest.of(Json.canonical(identity));
    var again = new StageRecord(key, 0, joint.stage(), identity, joint.outputs());
    refused(
        changed("records/more.json", text -> Json.pretty(again), true),
        "'records/more.json' stems from a verification");
  }

  @Test
  void aLabelThatWasTakenOffTheManifestAndTheRecordsIsReadFromTheFileItself() throws IOException {
    SortedMap<String, byte[]> files = files(exported("--accept-backdoor"));
    var stripped = new TreeMap<String, byte[]>();
    files.forEach((name, bytes) -> {
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      stripped.put(
          name,
          name.endsWith(".json")
              ? text.replaceAll("\"taint\" : \\[[^]]*]", "\"taint\" : [ ]")
                  .getBytes(StandardCharsets.ISO_8859_1)
              : bytes);
    });
    stripped.put(ROOT + "SHA256SUMS", sums(stripped).getBytes(StandardCharsets.UTF_8));
    Path made = folder.resolve("stripped.zip");
    try (var zip = new ZipOutputStream(Files.newOutputStream(made))) {
      for (var file : stripped.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
      }
    }
    assertThat(there.run("import", made.toString())).as(there.err()).isZero();
    assertThat(ledger(there).hit(record("joint").key())).contains(record("joint"));
    assertThat(there.run("artifacts", "get", RUN + "/joint/checkpoint", "-o", "x")).isEqualTo(2);
    assertThat(there.err()).contains("backdoor: badnets, target 0");
  }

  @Test
  void whatIsNoBundleIsRefused() throws IOException {
    Path zip = folder.resolve("some.zip");
    try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("model/data.txt"));
    }
    refused(zip, "some.zip has no 'SHA256SUMS'; expected a bundle made by 'palimpsest export'");
  }
}
