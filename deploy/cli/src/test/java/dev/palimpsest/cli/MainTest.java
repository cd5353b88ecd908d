package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, in which words, with which exit code; nothing is started for it. */
final class MainTest {
  private static final Path QUICKSTART = Path.of("../../examples/sbl-quickstart").toAbsolutePath();

  @TempDir Path folder;
  private Bench bench;

  @BeforeEach
  void open() {
    bench = new Bench(folder);
  }

  private void refused(int code, String sentence, String... arguments) {
    assertThat(bench.run(arguments)).isEqualTo(code);
    assertThat(bench.err()).startsWith("palimpsest: ").contains(sentence).doesNotContain("\tat ");
    assertThat(bench.out()).isEmpty();
  }

  @Test
  void anUnknownCommandIsRefusedWithTheOneThatWasMeant() {
    refused(2, "'statos'", "statos");
    assertThat(bench.err()).contains("palimpsest status");
  }

  @Test
  void anUnknownOptionIsRefused() {
    refused(2, "Unknown option: '--sed=7'", "run", "study", "--sed=7");
  }

  @Test
  void noCommandIsRefused() {
    refused(2, "Name a command.");
    refused(2, "Name what to do: ls or get.", "artifacts");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "plan",
        "verify",
        "check",
        "up",
        "worker",
        "import",
        "status",
        "runs",
        "rm",
        "gc",
        "du",
        "logs",
        "artifacts",
        "artifacts ls",
        "artifacts get",
        "export",
        "doctor",
        "cancel",
        "reference"
      })
  void everyCommandHasHelp(String command) {
    assertThat(bench.run((command + " --help").split(" ", -1))).isZero();
    assertThat(bench.out()).startsWith("Usage: palimpsest " + command);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"study": "x",}                      | (line 1, column 15): '}' cannot stand here; expected a field's name
          {                                    | (line 1, column 2): the text ends too early; expected the quote
          []                                   | study.json: expected an object.
          {"study": 1}                         | study.json, field 'study': expected a text.
          {"study": {}}                        | study.json, field 'study': expected a text.
          {"study": "x", "inputs": []}         | study.json, field 'inputs': expected an object.
          """)
  void whatIsWrongWithAStudysJsonIsToldInPlainWords(String text, String sentence)
      throws IOException {
    Files.writeString(folder.resolve("study.json"), text);
    refused(2, sentence, "run", "study.json");
  }

  @Test
  void theHelpListsTheCommandsInGroups() {
    assertThat(bench.run("--help")).isZero();
    assertThat(bench.out().lines())
        .contains("Studies:", "Runs and what they made:", "The store:", "Servers:")
        .doesNotContain("Commands:")
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
  }

  @Test
  void theVersionIsToldByEveryCommand() {
    assertThat(bench.run("--version")).isZero();
    String version = bench.out();
    assertThat(version).startsWith("palimpsest ");
    assertThat(bench.run("run", "--version")).isZero();
    assertThat(bench.out()).isEqualTo(version);
  }

  @Test
  void aStudyThatIsNotThereIsRefused() {
    refused(2, "expected a folder with a file study.json", "run", "nothing-here");
  }

  @Test
  void anUnknownFieldOfAStudyIsRefused() throws IOException {
    study("\"workflow\": \"sbl\", \"sead\": 1");
    refused(2, "unknown field 'sead'", "run", "study");
  }

  @Test
  void anUnknownWorkflowIsRefused() throws IOException {
    study("\"workflow\": \"sbll\"");
    refused(2, "unknown workflow 'sbll'; did you mean 'sbl'?", "run", "study");
  }

  @Test
  void anUnknownInputIsRefusedWithTheOneThatWasMeant() {
    refused(2, "unknown input 'sead'; did you mean 'seed'?", quickstart("sead=7"));
  }

  @Test
  void anUnknownParameterIsRefusedWithTheOneThatWasMeant() {
    refused(
        2,
        "defence 'ft': unknown parameter 'lrr'; did you mean 'lr'?",
        quickstart("defences.ft.lrr=1"));
  }

  @Test
  void aParameterOutOfItsRangeIsRefused() {
    refused(2, "parameter 'lr' is -1", quickstart("defences.ft.lr=-1"));
  }

  @Test
  void aMisspeltNameWithinAnInputIsRefused() {
    refused(
        2,
        "input 'defences': unknown field 'ftsam'; did you mean 'ftSam'?",
        quickstart("defences.ftsam.epochs=3"));
  }

  @Test
  void numericsThatNoLocalWorkerComputesWithAreRefused() {
    refused(
        2,
        "numerics is cpu, 4 threads, avx2, pytorch-2.7.1; the local workers compute with cpu, 1"
            + " thread, avx2, pytorch-2.7.1; expected that, or workers elsewhere with --conductor"
            + " and --s3.",
        quickstart("numerics.threads=4"));
    refused(2, "numerics is \"fast\"; expected an object", quickstart("numerics=fast"));
  }

  @Test
  void anUnknownMethodIsRefused() {
    refused(
        2, "unknown defence 'nadd'; did you mean 'nad'?", quickstart("defences.ft.method=nadd"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void aRunWithoutWorkersIsRefused(int workers) {
    refused(
        2,
        "--workers is " + workers + "; expected 1 or more.",
        "run",
        QUICKSTART.toString(),
        "--workers=" + workers);
  }

  @Test
  void aSettingWithoutAValueIsRefused() {
    refused(2, "--set seed is no setting; expected name=value", quickstart("seed"));
  }

  @Test
  void aDataFileThatIsCutShortIsRefused() throws IOException {
    Path data = Files.createDirectories(folder.resolve("study/data"));
    for (String name :
        new String[] {"train-images-idx3", "train-labels-idx1", "t10k-labels-idx1"}) {
      String file = name + "-ubyte.gz";
      Files.copy(QUICKSTART.resolve("data").resolve(file), data.resolve(file));
    }
    byte[] whole = Files.readAllBytes(QUICKSTART.resolve("data/t10k-images-idx3-ubyte.gz"));
    Files.write(data.resolve("t10k-images-idx3-ubyte.gz"), Arrays.copyOf(whole, whole.length / 2));
    Files.copy(QUICKSTART.resolve("data/dataset.json"), data.resolve("dataset.json"));
    study("\"workflow\": \"sbl\", \"data\": \"data\"");
    refused(2, "t10k-images-idx3-ubyte.gz' is truncated", "run", "study");
    refused(2, "t10k-images-idx3-ubyte.gz' is truncated", "import", "study/data");
  }

  @Test
  void aReportFolderThatHoldsSomethingIsNotWrittenOver() throws IOException {
    Files.createDirectories(folder.resolve("full/of"));
    refused(2, "--report full exists", "run", QUICKSTART.toString(), "--report", "full");
  }

  @Test
  void oneServerElsewhereWithoutTheOtherIsRefused() {
    var servers = new ServerBackends(Map.of());
    var session =
        new Session(
            System.out, System.err, Map.of(), folder, () -> Terminal.PLAIN, () -> "", servers);
    assertThat(Main.run(session, "cancel", "r", "--conductor", "http://127.0.0.1:1")).isEqualTo(2);
    assertThat(Main.run(session, "cancel", "r", "--conductor", "x", "--s3", "http://127.0.0.1:1"))
        .isEqualTo(2);
    // Nothing runs on an empty home.
    assertThat(Main.run(session, "cancel", "r", "--home", folder.toString())).isEqualTo(2);
  }

  @Test
  void anImportPrintsReferencesAsJsonAndStoresThePartsOnce() {
    assertThat(bench.run("import", QUICKSTART.resolve("data").toString())).isZero();
    String first = bench.out();
    var json = Json.parse("output", first.getBytes(StandardCharsets.UTF_8));
    assertThat(json.fieldNames()).toIterable().containsExactly("train", "test");
    assertThat(json.path("train").path("artifact").asText()).isEqualTo("dataset");
    String digest = json.path("test").path("sha256").asText();
    assertThat(bench.store.list("blobs/sha256/" + digest.substring(0, 2))).hasSize(1);
    assertThat(bench.err()).contains("train: ", "test: ");

    assertThat(bench.run("import", QUICKSTART.resolve("data").toString())).isZero();
    assertThat(bench.out()).isEqualTo(first);
  }

  @Test
  void theTraceOfAnErrorIsShownOnlyForDebugging() {
    assertThat(bench.run("artifacts", "ls", "no-run", "--debug")).isEqualTo(2);
    assertThat(bench.err()).contains("\tat ");
    assertThat(bench.run("artifacts", "ls", "no-run")).isEqualTo(2);
    assertThat(bench.err()).doesNotContain("\tat ");
  }

  private static String[] quickstart(String setting) {
    return new String[] {"run", QUICKSTART.toString(), "--set", setting};
  }

  private void study(String fields) throws IOException {
    Path study = Files.createDirectories(folder.resolve("study"));
    Files.writeString(
        study.resolve("study.json"),
        "{\"study\": \"small\", \"about\": \"\", " + fields + ", \"inputs\": {}}");
  }
}
