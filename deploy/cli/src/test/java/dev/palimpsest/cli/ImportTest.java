package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.Imports;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A network of a user's own becomes a checkpoint that studies can name. */
final class ImportTest {
  private static final Path QUICKSTART = Path.of("../../examples/sbl-quickstart").toAbsolutePath();
  private static final String[] IT_IS = {
    "--network", "resnet-small", "--classes", "10", "--image", "1x28x28"
  };

  @TempDir Path folder;
  private Bench bench;

  @BeforeEach
  void open() {
    bench = new Bench(folder);
  }

  /** The state dict of a ResNet-small for ten classes of grey images. */
  private static SequencedMap<String, Tensor> resNetSmall() {
    var state = new LinkedHashMap<String, Tensor>();
    state.put("conv1.weight", filled(16, 1, 3, 3));
    norm(state, "bn1", 16);
    int[] widths = {16, 32, 64};
    for (int i = 0; i < 3; i++) {
      String block = "layer" + (i + 1) + ".0";
      int in = i == 0 ? 16 : widths[i - 1];
      state.put(block + ".conv1.weight", filled(widths[i], in, 3, 3));
      norm(state, block + ".bn1", widths[i]);
      state.put(block + ".conv2.weight", filled(widths[i], widths[i], 3, 3));
      norm(state, block + ".bn2", widths[i]);
      if (i > 0) {
        state.put(block + ".shortcut.0.weight", filled(widths[i], in, 1, 1));
        norm(state, block + ".shortcut.1", widths[i]);
      }
    }
    state.put("linear.weight", filled(10, 64));
    state.put("linear.bias", filled(10));
    return state;
  }

  private static void norm(SequencedMap<String, Tensor> state, String name, int width) {
    state.put(name + ".weight", filled(width));
    state.put(name + ".bias", filled(width));
    state.put(name + ".running_mean", filled(width));
    state.put(name + ".running_var", filled(width));
    state.put(name + ".num_batches_tracked", Tensor.of(new long[] {7}));
  }

  private static Tensor filled(long... shape) {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    Arrays.fill(values, 0.5f);
    return Tensor.of(values, shape);
  }

  private void file(String name, SequencedMap<String, Tensor> state, String... metadata) {
    var content = new Tensors.Builder();
    state.forEach(content::put);
    for (int i = 0; i < metadata.length; i += 2) {
      content.text(metadata[i], metadata[i + 1]);
    }
    Safetensors.write(folder.resolve(name), content.build());
  }

  private int importing(String file, String... options) {
    String[] arguments = new String[options.length + 2];
    arguments[0] = "import";
    arguments[1] = file;
    System.arraycopy(options, 0, arguments, 2, options.length);
    return bench.run(arguments);
  }

  private static String[] and(String... more) {
    String[] all = Arrays.copyOf(IT_IS, IT_IS.length + more.length);
    System.arraycopy(more, 0, all, IT_IS.length, more.length);
    return all;
  }

  private void refused(String sentence, String file, String... options) {
    assertThat(importing(file, options)).isEqualTo(2);
    assertThat(bench.err()).contains(sentence);
    assertThat(bench.store.list("")).isEmpty();
  }

  private Reference imported(String name) {
    return new Imports(bench.store).get(name).parts().values().iterator().next();
  }

  @Test
  void aNetworkBecomesACheckpointUnderItsFilesName() {
    file("my-net.safetensors", resNetSmall());
    assertThat(importing("my-net.safetensors", IT_IS)).as(bench.err()).isZero();
    Reference reference =
        Json.read("output", bench.out().getBytes(StandardCharsets.UTF_8), Reference.class);
    assertThat(reference.artifact()).isEqualTo("checkpoint");
    assertThat(reference.tainted()).isFalse();
    assertThat(imported("my-net")).isEqualTo(reference);
    assertThat(bench.err()).contains("In a study: \"import:my-net\"");
    Tensors stored = Safetensors.read(bench.artifacts.fetch(reference), "stored");
    assertThat(stored.tensors().keySet()).containsExactlyElementsOf(resNetSmall().keySet());
    assertThat(stored.metadata())
        .containsEntry("network", "{\"method\":\"resnet-small\",\"mean\":[],\"std\":[]}")
        .containsEntry("classes", "10")
        .containsEntry("image", "1x28x28");
  }

  @Test
  void theSameNetworkInAnotherOrderOrWithItsMetadataIsTheSameCheckpoint() throws IOException {
    file("one.safetensors", resNetSmall());
    file("two.safetensors", resNetSmall().reversed());
    assertThat(importing("one.safetensors", IT_IS)).isZero();
    assertThat(importing("two.safetensors", IT_IS)).isZero();
    assertThat(imported("two")).isEqualTo(imported("one"));

    Files.copy(bench.artifacts.fetch(imported("one")), folder.resolve("three.safetensors"));
    assertThat(importing("three.safetensors")).as(bench.err()).isZero();
    assertThat(imported("three")).isEqualTo(imported("one"));
  }

  @Test
  void aStateDictOfAnotherNetworkIsRefusedByTheNameOfItsTensor() {
    SequencedMap<String, Tensor> state = resNetSmall();
    state.remove("layer2.0.conv1.weight");
    file("lacks.safetensors", state);
    refused(
        "lacks.safetensors is no state of network 'resnet-small': the checkpoint lacks"
            + " 'layer2.0.conv1.weight'",
        "lacks.safetensors",
        IT_IS);
    state = resNetSmall();
    state.put("fc.weight", filled(2));
    file("more.safetensors", state);
    refused("has 'fc.weight', which this network has not", "more.safetensors", IT_IS);
    state = resNetSmall();
    state.put("linear.bias", filled(100));
    file("shape.safetensors", state);
    refused("'linear.bias' has shape [100]", "shape.safetensors", IT_IS);
    state = resNetSmall();
    state.put("linear.bias", Tensor.of(new long[10], 10));
    file("type.safetensors", state);
    refused("'linear.bias' is of type I64; expected F32 or F64", "type.safetensors", IT_IS);
    state = resNetSmall();
    float[] values = new float[10];
    values[3] = Float.NaN;
    state.put("linear.bias", Tensor.of(values, 10));
    file("nan.safetensors", state);
    refused("tensor 'linear.bias' holds a value that is not finite", "nan.safetensors", IT_IS);
  }

  @Test
  void whatTheFileDoesNotSayMustBeGiven() {
    file("my-net.safetensors", resNetSmall());
    refused("does not say its network in its metadata", "my-net.safetensors");
    refused(
        "unknown network 'resnet-smal'; did you mean 'resnet-small'?",
        "my-net.safetensors",
        "--network=resnet-smal",
        "--classes=10",
        "--image=1x28x28");
    refused(
        "--image is '28x28'", "my-net.safetensors", "--network=x", "--classes=1", "--image=28x28");
    refused("--classes is 0", "my-net.safetensors", "--network=x", "--classes=0", "--image=1x2x2");
    refused("cannot name an import", "my-net.safetensors", and("--name", "../x"));
  }

  @Test
  void aLabelOfPoisonedDataIsTakenFromTheFileAndFromTheUser() {
    file("bad.safetensors", resNetSmall(), "taint", "backdoor: badnets, target 0");
    assertThat(importing("bad.safetensors", and("--tainted", "defended by nc"))).isZero();
    Reference reference = imported("bad");
    assertThat(reference.taint()).containsExactly("backdoor: badnets, target 0", "defended by nc");
    assertThat(Safetensors.header(bench.artifacts.fetch(reference), "stored").metadata())
        .containsEntry("taint", "backdoor: badnets, target 0; defended by nc");
    assertThat(bench.err()).contains("⚠ backdoor: badnets, target 0; defended by nc");
    assertThat(importing("bad.safetensors", and("--tainted", " ; "))).isEqualTo(2);
    assertThat(bench.err()).contains("--tainted is empty");
  }

  @Test
  void aNameThatIsTakenGivesWayOnlyWhenTold() {
    file("net.safetensors", resNetSmall());
    assertThat(importing("net.safetensors", IT_IS)).isZero();
    Reference first = imported("net");
    assertThat(importing("net.safetensors", and("--tainted", "backdoor: x"))).isEqualTo(2);
    assertThat(bench.err()).contains("The name 'net' is taken");
    assertThat(imported("net")).isEqualTo(first);
    assertThat(importing("net.safetensors", and("--tainted", "backdoor: x", "--replace"))).isZero();
    assertThat(imported("net").tainted()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"net.pt", "net.pth.tar", "net.bin", "net.safetensors"})
  void aPickleIsNeverOpened(String name) throws IOException {
    Files.write(folder.resolve(name), new byte[] {(byte) 0x80, 2, '}', 'q', 0, '.', 0, 0, 0, 0});
    refused(
        name
            + " is a pickle: opening one runs whatever program is in it, so it is never opened here;"
            + " convert it with examples/read-in-python/to_safetensors.py",
        name,
        IT_IS);
  }

  @Test
  void aTorchArchiveIsAPickleToo() throws IOException {
    Files.writeString(folder.resolve("net.pt"), "PK\u0003\u0004archive/data.pkl");
    refused("net.pt is a pickle", "net.pt", IT_IS);
  }

  @Test
  void whatIsNothingOfTheKindIsRefused() throws IOException {
    Files.writeString(folder.resolve("notes.txt"), "some notes of mine");
    refused("notes.txt is neither safetensors nor a zip archive", "notes.txt");
    refused("There is nothing at", "not-there");
    refused(
        "describe a network, and " + QUICKSTART.resolve("data") + " is none",
        QUICKSTART.resolve("data").toString(),
        "--classes=10");
  }

  @Test
  void anInputThatNamesAnImportStandsForItsReferences() {
    assertThat(importing(QUICKSTART.resolve("data").toString(), "--name", "fashion")).isZero();
    JsonNode data = Json.parse("output", bench.out().getBytes(StandardCharsets.UTF_8));
    file("net.safetensors", resNetSmall());
    assertThat(importing("net.safetensors", IT_IS)).isZero();
    ObjectNode inputs = Json.object();
    inputs.put("data", "import:fashion").put("seed", 1);
    inputs.putArray("nets").add("import:net").addObject().put("test", "import:fashion.test");

    ObjectNode resolved =
        ImportedInputs.of(inputs, Map.of(), () -> bench.running(new Servers())).inputs();
    ObjectNode expected = Json.object();
    expected.put("seed", 1).set("data", data);
    expected
        .putArray("nets")
        .add(Json.tree(imported("net")))
        .addObject()
        .set("test", data.get("test"));
    assertThat(Json.canonical(resolved)).isEqualTo(Json.canonical(expected));
    assertThat(inputs.get("data").asText()).isEqualTo("import:fashion");
  }

  @Test
  void anImportThatIsNotThereIsRefusedWithTheNameThatWasMeant() throws IOException {
    assertThat(importing(QUICKSTART.resolve("data").toString(), "--name", "fashion")).isZero();
    String study = QUICKSTART.toString();
    for (String[] each :
        List.of(
            new String[] {
              "network=import:fashon", "unknown import 'fashon'; did you mean 'fashion'?"
            },
            new String[] {
              "network=import:fashion.tset", "unknown part 'tset'; did you mean 'test'?"
            },
            new String[] {"network=import:../x", "cannot name an import"})) {
      assertThat(bench.run("run", study, "--set", each[0])).isEqualTo(2);
      assertThat(bench.err()).contains(each[1]);
    }
  }
}
