package dev.palimpsest.methods.learners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.methods.learners.Buffer.Extra;
import dev.palimpsest.methods.learners.BufferSettings.Policy;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BufferTest {
  private final Compute compute = Compute.open("cpu", 1);
  private final Images images = Samples.images(compute);
  private final Net net = Samples.net(compute);
  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
    net.close();
    images.close();
    compute.close();
  }

  private static RandomStream random(long index) {
    return Randomness.of(7).stream("buffer", index);
  }

  private static Buffer empty(int size, Policy policy) {
    return Buffer.empty(size, policy, Samples.CHANNELS, Samples.SIDE, Samples.SIDE);
  }

  /** One-pixel samples with these labels, offered in their order. */
  private long[] held(int size, Policy policy, RandomStream random, long... labels) {
    var buffer = Buffer.empty(size, policy, 1, 1, 1);
    try (Scope inner = Scope.open()) {
      NDArray pixels = compute.array(Tensor.of(new float[labels.length], labels.length, 1, 1, 1));
      buffer.add(new Batch(pixels, compute.array(labels), pixels), 1, random);
    }
    return buffer.state().get("labels").longs();
  }

  @Test
  void whatIsDrawnIsWhatWasOffered() {
    var buffer = empty(Samples.IMAGES, Policy.RESERVOIR);
    buffer.fill(images, net, 3, Set.of(), random(0));
    Replay replay = buffer.draw(7, net, random(1));
    int[] places = Arrays.copyOf(random(1).permutation(Samples.IMAGES), 7);
    Batch expected = images.batch(Precision.F32, places);
    assertThat(replay.batch().images().toFloatArray()).isEqualTo(expected.images().toFloatArray());
    assertThat(replay.batch().labels()).isEqualTo(expected.labels());
    assertThat(replay.tasks()).containsOnly(3).hasSize(7);
    assertThat(buffer.draw(30, net, random(2)).size()).isEqualTo(Samples.IMAGES);
  }

  @Test
  void aBalancedBufferHoldsAsManyOfEachClassAsCanBe() {
    // Class 0 comes first and 30 times, class 1 six times, class 2 once.
    long[] stream = new long[37];
    Arrays.fill(stream, 30, 36, 1);
    stream[36] = 2;
    assertThat(held(9, Policy.BALANCED, random(0), stream)).containsOnlyOnce(2).hasSize(9);
    assertThat(Arrays.stream(held(9, Policy.BALANCED, random(0), stream)).filter(l -> l == 1))
        .hasSize(4);
  }

  @Test
  void aBalancedBufferKeepsEachSampleOfAClassWithEqualProbability() {
    // Of eight samples of class 0 one stays, since the two of class 1 lose none.
    long[] labels = {0, 0, 0, 1, 1, 0, 0, 0, 0, 0};
    float[] pixels = new float[labels.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i / 255f;
    }
    Batch batch =
        new Batch(
            compute.array(Tensor.of(pixels, pixels.length, 1, 1, 1)),
            compute.array(labels),
            compute.array(labels));
    int[] stayed = new int[labels.length];
    RandomStream random = random(0);
    for (int round = 0; round < 4000; round++) {
      var buffer = Buffer.empty(3, Policy.BALANCED, 1, 1, 1);
      buffer.add(batch, 1, random);
      for (byte sample : buffer.state().get("images").bytes()) {
        stayed[sample]++;
      }
    }
    for (int i = 0; i < labels.length; i++) {
      // 500 of class 0 are expected of each; the standard deviation is 21.
      assertThat(stayed[i]).isBetween(labels[i] == 1 ? 4000 : 400, labels[i] == 1 ? 4000 : 600);
    }
  }

  @Test
  void itCarriesOnFromItsState() {
    for (Policy policy : Policy.values()) {
      var extras = EnumSet.allOf(Extra.class);
      var one = empty(6, policy);
      one.fill(images, net, 1, extras, random(0));
      var other = empty(6, policy);
      other.restore(one.state());
      one.fill(images, net, 2, extras, random(1));
      other.fill(images, net, 2, extras, random(1));
      Tensors expected = one.state();
      assertThat(other.state().tensors().keySet())
          .containsExactly("images", "labels", "tasks", "seen", "logits", "columns", "features")
          .isEqualTo(expected.tensors().keySet());
      expected
          .tensors()
          .forEach((name, tensor) ->
              assertThat(other.state().get(name).data()).as(name).isEqualTo(tensor.data()));
      assertThat(other.offered()).isEqualTo(2L * Samples.IMAGES);
    }
    var empty = empty(6, Policy.RESERVOIR);
    empty.restore(empty.state());
    assertThat(empty.held()).isZero();
  }

  @Test
  void logitsOfFewerClassesAreKnownAsSuch() {
    var buffer = empty(4, Policy.RESERVOIR);
    Batch batch = images.batch(Precision.F32, 0, 1);
    buffer.add(batch, 1, Optional.of(logits(2)), Optional.empty(), random(0));
    buffer.add(batch, 2, Optional.of(logits(3)), Optional.empty(), random(0));
    var again = empty(4, Policy.RESERVOIR);
    again.restore(buffer.state());
    Replay all = again.draw(4, net, random(1));
    long[] tasks = all.tasks();
    float[] values = all.logits(4).toFloatArray();
    float[] kept = all.logitsKept(4).toFloatArray();
    for (int i = 0; i < 4; i++) {
      long columns = tasks[i] + 1;
      for (int c = 0; c < 4; c++) {
        assertThat(values[4 * i + c]).isEqualTo(c < columns ? c + 1 : 0);
        assertThat(kept[4 * i + c]).isEqualTo(c < columns ? 1 : 0);
      }
    }
  }

  /** Two rows 1, 2, 3 and so on. */
  private NDArray logits(int columns) {
    return compute.manager().arange(1f, columns + 1f).reshape(1, columns).repeat(0, 2);
  }

  @Test
  void aMemoryThatDoesNotFitIsRefused() {
    var buffer = empty(6, Policy.RESERVOIR);
    buffer.fill(images, net, 1, Set.of(), random(0));
    Tensors state = buffer.state();
    assertThatThrownBy(() -> empty(5, Policy.RESERVOIR).restore(state))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "the memory's buffer holds 6 images [3, 8, 8]; expected at most 5 of [3, 8, 8].");
    assertThatThrownBy(() -> Buffer.empty(6, Policy.RESERVOIR, 1, 8, 8).restore(state))
        .isInstanceOf(Mistake.class)
        .hasMessageEndingWith("expected at most 6 of [1, 8, 8].");
  }
}
