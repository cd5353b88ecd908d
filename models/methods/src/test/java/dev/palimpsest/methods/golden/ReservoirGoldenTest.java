package dev.palimpsest.methods.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.learners.Buffer;
import dev.palimpsest.methods.learners.BufferSettings.Policy;
import dev.palimpsest.tensors.Tensor;
import java.util.Arrays;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The reservoirs of two published codes, told the numbers that those drew. */
class ReservoirGoldenTest {
  @Test
  void aReservoirHoldsWhatMammothsHolds() {
    JsonNode expected = Golden.read("cl_baselines").get("expected").get("reservoir");
    assertThat(
            held(
                expected.get("buffer_size").intValue(),
                expected.get("stream_length").intValue(),
                Golden.longs(expected.get("draws_from_example_M_on"))))
        .containsExactly(Golden.longs(expected.get("buffer_contents")));
  }

  @Test
  void aReservoirHoldsWhatThatOfRetrospectiveFeatureEstimationHolds() {
    JsonNode expected = Golden.read("rfe_modules").get("expected").get("reservoir");
    assertThat(
            held(
                expected.get("capacity").intValue(),
                expected.get("stream").intValue(),
                Golden.longs(expected.get("draws_for_items_from_capacity_on"))))
        .containsExactly(Golden.longs(expected.get("final_content")));
  }

  /** The labels in a buffer to which samples 0 to stream-1 were offered in batches of three. */
  private static long[] held(int size, int stream, long... draws) {
    PrimitiveIterator.OfLong words = Arrays.stream(draws).map(draw -> draw << 2).iterator();
    var buffer = Buffer.empty(size, Policy.RESERVOIR, 1, 1, 1);
    try (Compute compute = Compute.open("cpu", 1);
        Images images =
            Images.of(
                compute,
                Tensor.of(new byte[stream], stream, 1, 1, 1),
                Tensor.of(LongStream.range(0, stream).toArray(), stream),
                stream)) {
      for (int from = 0; from < stream; from += 3) {
        try (Scope scope = Scope.open()) {
          int[] places = IntStream.range(from, Math.min(stream, from + 3)).toArray();
          Batch batch = images.batch(Precision.F32, places);
          buffer.add(batch, 1, RandomStream.of(words::nextLong));
        }
      }
    }
    assertThat(words.hasNext()).as("numbers left over").isFalse();
    return buffer.state().get("labels").longs();
  }
}
