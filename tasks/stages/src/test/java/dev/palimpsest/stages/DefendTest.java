package dev.palimpsest.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Defences as a stage: with and without the defender's samples, undisturbed and killed. */
final class DefendTest {
  private static final Defend DEFEND = new Defend();
  private static final String NAD =
      "{'method': 'nad', 'teacherEpochs': 2, 'epochs': 2, 'batch': 4}";

  private static Tensors data() {
    RandomStream stream = Randomness.of(1).stream("images");
    byte[] pixels = new byte[12 * 8 * 8];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) stream.below(256);
    }
    return new Tensors.Builder()
        .put("images", Tensor.of(pixels, 12, 1, 8, 8))
        .put("labels", Tensor.of(new long[] {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}, 12))
        .text("name", "noise")
        .text("classes", "[\"a\",\"b\",\"c\"]")
        .build();
  }

  private static Defend.Parameters parameters(String defence) {
    String json = "{'defence': " + defence + ", 'augmentation': {'padding': 1}}";
    return new Parameters(Methods.load())
        .bind(
            "stage 'defend'",
            Defend.Parameters.class,
            Json.read("the parameters", json.replace('\'', '"'), ObjectNode.class));
  }

  private static Tensors network() {
    MemoryContext context = new MemoryContext(3).with("data", data());
    String json =
        "{\"training\": {\"epochs\": 1, \"lr\": 0.01, \"batch\": 4}, \"augmentation\": {}}";
    var train = new Train();
    train.run(
        new Parameters(Methods.load())
            .bind("train", train.parameters(), Json.read("json", json, ObjectNode.class)),
        context);
    return context.written("checkpoint");
  }

  private static Map<String, ByteBuffer> bytes(MemoryContext context) {
    var bytes = new TreeMap<String, ByteBuffer>();
    context
        .written("checkpoint")
        .tensors()
        .forEach((name, tensor) -> bytes.put(name, tensor.data()));
    return bytes;
  }

  private static MemoryContext without() {
    return new MemoryContext(3).with("checkpoint", network()).with("test", data());
  }

  private static MemoryContext with() {
    return without().with("clean", data());
  }

  @Test
  void aDefenceThatNeedsNoDataRunsWithoutAndSeesNone() {
    Defend.Parameters clp = parameters("'clp'");
    assertThat(DEFEND.needed(clp)).isEmpty();
    MemoryContext alone = without();
    DEFEND.run(clp, alone);
    MemoryContext given = with();
    DEFEND.run(clp, given);
    assertThat(bytes(given)).isEqualTo(bytes(alone));
    assertThat(alone.writtenLines("course")).hasSize(2);
  }

  @Test
  void aDefenceThatNeedsSamplesSaysSoWhereThereAreNone() {
    Defend.Parameters ft = parameters("'ft'");
    assertThat(DEFEND.needed(ft)).containsExactly("clean");
    assertThatThrownBy(() -> DEFEND.run(ft, without()))
        .isInstanceOf(Mistake.class)
        .hasMessage("defence 'ft' needs clean samples with their labels; expected input 'clean'.");
  }

  @Test
  void theCourseOfNadBeginsWhenTheStudentLearns() {
    MemoryContext context = with();
    DEFEND.run(parameters(NAD), context);
    List<JsonNode> course = context.writtenLines("course");
    assertThat(course).extracting(line -> line.get("epoch").intValue()).containsExactly(0, 3, 4);
    assertThat(course)
        .extracting(line -> line.get("gradientEvaluations").intValue())
        .containsExactly(0, 36, 48);
  }

  /** The teacher's first step, its last ones, the student's first, and its last ones. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 6, 7, 11, 12})
  void killedAndResumedItWritesTheSameBytes(int step) {
    assertGoesOn(NAD, step);
  }

  @Test
  void killedAfterItsOnlyStepItBeginsAgain() {
    assertGoesOn("'clp'", 1);
  }

  private static void assertGoesOn(String defence, int step) {
    MemoryContext whole = with();
    DEFEND.run(parameters(defence), whole);
    MemoryContext killed = with().killedAt(step);
    assertThatThrownBy(() -> DEFEND.run(parameters(defence), killed))
        .isInstanceOf(StageContext.Stopped.class);
    MemoryContext resumed = with().from(killed.saved());
    DEFEND.run(parameters(defence), resumed);
    assertThat(bytes(resumed)).isEqualTo(bytes(whole));
    assertThat(resumed.writtenLines("course")).hasToString(whole.writtenLines("course").toString());
  }
}
