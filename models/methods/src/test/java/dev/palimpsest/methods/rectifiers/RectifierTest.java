package dev.palimpsest.methods.rectifiers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Pass;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RectifierTest {
  private static final int D = 12;
  private static final AuxiliaryExtractor EXTRACTOR = new AuxiliaryExtractor(8);

  private final Compute compute = Compute.open("cpu", 1);

  @AfterEach
  void close() {
    compute.close();
  }

  static Stream<Rectifier<?>> rectifiers() {
    return Methods.load().all(Kind.RECTIFIER).stream().map(method -> (Rectifier<?>) method);
  }

  private static <P extends Record> Link link(Rectifier<P> rectifier) {
    return rectifier.link(Samples.defaults(rectifier));
  }

  /** A network of one link for D features and 8 auxiliary ones. */
  private Net net(Link link, long seed) {
    Forward declaration =
        (pass, aux) -> {
          NDArray features = aux.getManager().zeros(new Shape(1, D));
          return Out.of(link.apply(pass, "rectifier.1.", features, aux), features);
        };
    return Net.drawn(compute, Precision.F64, declaration, Randomness.of(seed), 8);
  }

  private NDArray drawn(String what, long... shape) {
    RandomStream stream = Randomness.of(3).stream(what);
    double[] values = new double[(int) new Shape(shape).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = stream.uniform();
    }
    return compute.array(Tensor.of(values, shape));
  }

  @Test
  void thePublishedRectifierAndItsAblationsAreRegistered() {
    assertThat(rectifiers().map(Rectifier::name)).contains("gated", "linear", "mlp");
  }

  @ParameterizedTest
  @MethodSource("rectifiers")
  void everyRectifierIsDrawnFromItsSeedLearnsAndReadsBothInputs(Rectifier<?> rectifier) {
    Link link = link(rectifier);
    int before = compute.liveArrays();
    try (Net net = net(link, 1);
        Net same = net(link, 1);
        Net other = net(link, 2);
        Scope scope = Scope.open()) {
      assertThat(net.weights().toDoubleArray()).isEqualTo(same.weights().toDoubleArray());
      assertThat(net.weights().toDoubleArray()).isNotEqualTo(other.weights().toDoubleArray());
      NDArray f = drawn("features", 5, D);
      NDArray a = drawn("aux", 5, 8);
      NDArray target = drawn("target", 5, D);
      double[] inputs = f.concat(a, 1).toDoubleArray();
      double first = step(net, link, f, a, target);
      double last = first;
      for (int i = 0; i < 30; i++) {
        last = step(net, link, f, a, target);
      }
      assertThat(last).as("the loss after 30 steps").isLessThan(first * 0.9);
      assertThat(f.concat(a, 1).toDoubleArray()).as("the inputs").isEqualTo(inputs);
      double[] out = said(net, link, f, a);
      assertThat(out).hasSize(5 * D);
      assertThat(said(net, link, f.mul(2), a)).isNotEqualTo(out);
      assertThat(said(net, link, f, a.mul(2))).isNotEqualTo(out);
    }
    assertThat(compute.liveArrays()).as("arrays, all that were made closed").isEqualTo(before);
  }

  private static double step(Net net, Link link, NDArray f, NDArray a, NDArray target) {
    Net.Gradient slope =
        slope(
            net,
            Mode.TRAIN,
            pass -> Losses.distance(link.apply(pass, "rectifier.1.", f, a), target));
    net.weights().subi(slope.vector().mul(0.1));
    return slope.value();
  }

  private static double[] said(Net net, Link link, NDArray f, NDArray a) {
    return net.pass(Mode.EVAL, pass -> link.apply(pass, "rectifier.1.", f, a)).toDoubleArray();
  }

  /** METHODS: d 512, dAux 128, dProject 128; the ablations as their formulas say. */
  @ParameterizedTest
  @CsvSource({"gated, 280320", "linear, 328192", "mlp, 295680"})
  void rectifiersHaveTheirPublishedSize(String name, int size) {
    Rectifier<?> rectifier = Methods.load().get(Kind.RECTIFIER, name, Rectifier.class);
    Forward declaration =
        (pass, aux) -> {
          NDArray features = aux.getManager().zeros(new Shape(1, 512));
          return Out.of(link(rectifier).apply(pass, "r.", features, aux), features);
        };
    try (Net net = Net.drawn(compute, Precision.F32, declaration, Randomness.of(1), 128)) {
      assertThat(net.size()).isEqualTo(size);
    }
  }

  @Test
  void theLinearRectifierIsAnAffineMapOfBothInputs() {
    Link link = link(new LinearRectifier());
    try (Net net = net(link, 1);
        Scope scope = Scope.open()) {
      NDArray f = drawn("features", 5, D);
      NDArray a = drawn("aux", 5, 8);
      double[] none = said(net, link, f.mul(0), a.mul(0));
      double[] one = said(net, link, f, a);
      double[] two = said(net, link, f.mul(2), a.mul(2));
      for (int i = 0; i < one.length; i++) {
        assertThat(two[i] - one[i]).isCloseTo(one[i] - none[i], within(1e-12));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,28,28", "3,32,32", "3,64,48", "1,8,8", "2,17,31"})
  void auxiliaryExtractorsTakeImagesOfAnySize(int channels, int height, int width) {
    Forward declaration = (pass, x) -> Out.of(EXTRACTOR.apply(pass, 1, x), x);
    try (Net net =
            Net.drawn(
                compute, Precision.F64, declaration, Randomness.of(1), channels, height, width);
        Scope scope = Scope.open()) {
      NDArray x = drawn("images", 3, channels, height, width);
      assertThat(net.forward(Mode.EVAL, x).logits().getShape()).isEqualTo(new Shape(3, 8));
    }
  }

  @Test
  void blocksAreEqualWhereTheyDivideTheImageAndOverlapWhereNot() {
    try (Scope scope = Scope.open()) {
      NDArray row = compute.array(Tensor.of(new double[] {1, 2, 3, 4, 5, 6, 7}, 1, 1, 1, 7));
      assertThat(Ops.blockMeans(row, 1, 7).toDoubleArray()).containsExactly(1, 2, 3, 4, 5, 6, 7);
      assertThat(Ops.blockMeans(row, 1, 4).toDoubleArray()).containsExactly(1.5, 3, 5, 6.5);
      NDArray even = compute.array(Tensor.of(new double[] {1, 3, 5, 9}, 1, 1, 1, 4));
      assertThat(Ops.blockMeans(even, 1, 2).toDoubleArray()).containsExactly(2, 7);
    }
  }

  @Test
  void anAuxiliaryExtractorOfOddWidthIsRefused() {
    assertThatThrownBy(() -> new AuxiliaryExtractor(7))
        .isInstanceOf(Mistake.class)
        .hasMessage("dAux is 7; expected an even number of at least 2.");
  }

  /** A link that writes its task behind what came in: which maps were applied, in order. */
  private static final Link WRITING =
      (pass, prefix, features, aux) ->
          features.mul(10).add(Integer.parseInt(prefix.replaceAll("\\D", "")));

  @Test
  void theChainGoesThroughAllTasksBetweenAndTheDirectPathThroughNone() {
    Net net = net(link(new LinearRectifier()), 1);
    try (net;
        Scope scope = Scope.open()) {
      NDArray start = compute.array(Tensor.of(new double[] {9}, 1, 1));
      for (Path path : Path.values()) {
        Chain.Spaces spaces =
            net.pass(
                Mode.EVAL,
                pass -> new Chain(WRITING, path).spaces(pass, 2, 3, 5, start, task -> start));
        assertThat(spaces.newest()).isEqualTo(5);
        assertThat(spaces.features().stream().map(NDArray::getDouble))
            .containsExactly(path == Path.CHAIN ? 932.0 : 92.0, 93.0, 9.0, 9.0);
        assertThat(spaces.of(3).getDouble()).isEqualTo(93);
      }
    }
  }

  @Test
  void headsReadEachTaskInItsOwnSpaceAndTheMostCertainTaskWins() {
    try (Scope scope = Scope.open()) {
      NDArray weight = compute.array(Tensor.of(new double[] {1, -1, 2, -2, 0}, 5, 1));
      NDArray bias = compute.array(Tensor.of(new double[5], 5));
      Heads heads = new Heads(weight, bias, Heads.Columns.consecutive(List.of(2, 2, 1)));
      assertThat(heads.columns().get(2)).isEqualTo(new Heads.Columns(4, 5));
      var spaces =
          new Chain.Spaces(
              1,
              List.of(
                  compute.array(Tensor.of(new double[] {3}, 1, 1)),
                  compute.array(Tensor.of(new double[] {-1}, 1, 1))));
      double[] all = heads.ofAll(spaces).toDoubleArray();
      double sure = 1 / (1 + Math.exp(-6)) / 2;
      double less = 1 / (1 + Math.exp(-4)) / 2;
      assertThat(all[0]).isCloseTo(sure, within(1e-15));
      assertThat(all[1]).isCloseTo(0.5 - sure, within(1e-15));
      assertThat(all[2]).isCloseTo(0.5 - less, within(1e-15));
      assertThat(all[3]).isCloseTo(less, within(1e-15));
      assertThat(all[4]).isZero();
      double[] scores = heads.scores(spaces).toDoubleArray();
      for (int i = 0; i < all.length; i++) {
        assertThat(Math.exp(scores[i]) / 2).isCloseTo(all[i], within(1e-15));
      }
    }
  }

  @Test
  void certaintiesThatSinglePrecisionTakesForEqualAreToldApart() {
    try (Scope scope = Scope.open()) {
      NDArray weight = compute.array(Tensor.of(new float[] {9, -9, 12.5f, -12.5f}, 4, 1));
      NDArray bias = compute.array(Tensor.of(new float[4], 4));
      Heads heads = new Heads(weight, bias, Heads.Columns.consecutive(List.of(2, 2)));
      NDArray one = compute.array(Tensor.of(new float[] {1}, 1, 1));
      NDArray scores = heads.scores(new Chain.Spaces(1, List.of(one, one)));
      assertThat(scores.argMax(1).getLong()).as("a margin of 25 against one of 18").isEqualTo(2);
    }
  }

  private static Net.Gradient slope(Net net, Mode mode, Function<Pass, NDArray> loss) {
    return net.gradient(mode, graph -> loss.apply(graph.pass()));
  }
}
