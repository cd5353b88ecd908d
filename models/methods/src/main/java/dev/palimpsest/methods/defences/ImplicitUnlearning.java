package dev.palimpsest.methods.defences;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Adam;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Initial;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Sgd;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.Map;

/**
 * Adversarial unlearning by implicit hypergradient (I-BAU). Each round first finds one disturbance
 * p of all images that makes the network leave its own answers: -CE(x + p) + norm |p|^2, one pass
 * over the samples by gradient descent from 0. Then the network unlearns it batch by batch, with
 * Adam along the {@link Hypergradient} of CE on the batch with p added to a few of its images; the
 * inner problem there is the one above on the first batch with the true labels. Running statistics
 * are in use and stay.
 *
 * <p>As in the reference the batches to unlearn with are made once and varied once. Differences: at
 * least one image of a batch carries p, where the reference has none in batches below 100; Adam
 * without amsgrad, as the paper's own code has it; and second derivatives by differences.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class ImplicitUnlearning implements Defence<ImplicitUnlearning.Parameters> {
  /** Rounds, and both problems of a round. */
  public record Parameters(
      @Param(help = "rounds; one is an epoch", value = "5", min = 1) int rounds,
      @Param(help = "fixed-point iterations of the hypergradient", value = "5", min = 1) int k,
      @Param(help = "learning rate of the network, by Adam", value = "1e-4", min = 0) double lr,
      @Param(help = "learning rate of the disturbance", value = "10", min = 0) double disturbanceLr,
      @Param(help = "weight of the disturbance's squared norm", value = "0.001", min = 0)
          double norm,
      @Param(help = "step of the inner problem's map", value = "0.1", min = 0) double innerStep,
      @Param(
              help = "share of a batch's images that carry the disturbance; at least one does",
              value = "0.01",
              min = 0,
              max = 1)
          double portion,
      @Param(help = "samples a step", value = "256", min = 1) int batch) {}

  @Override
  public String name() {
    return "i-bau";
  }

  @Override
  public String summary() {
    return "I-BAU: unlearns the worst common disturbance of images by implicit hypergradients.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "zeng2022ibau",
        "Yi Zeng and Si Chen and Won Park and Z. Morley Mao and Ming Jin and Ruoxi Jia",
        "Adversarial Unlearning of Backdoors via Implicit Hypergradient",
        "International Conference on Learning Representations (ICLR)",
        2022);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Stepwise start(Parameters parameters, DefenceContext context) {
    return new Unlearning(parameters, context, context.samples());
  }

  /** -CE on disturbed images + norm |p|^2. */
  static Hypergradient.Loss inner(NDArray images, NDArray labels, double norm) {
    return (input, net) -> {
      NDArray logits = net.forward(input.forward(images).logits()).logits();
      return Ops.scaled(input.weights().square().sum(), norm).sub(Ops.crossEntropy(logits, labels));
    };
  }

  /**
   * CE on images some of which are disturbed.
   *
   * @param carrying 1 for those, 0 for the others, in the images' type and dimensions
   */
  static Hypergradient.Loss outer(NDArray images, NDArray labels, NDArray carrying) {
    return (input, net) -> {
      NDArray change = input.forward(images).logits().sub(images);
      return Ops.crossEntropy(net.forward(change.mul(carrying).add(images)).logits(), labels);
    };
  }

  /** Rounds of disturbing and unlearning, a batch a step. */
  private static final class Unlearning implements Stepwise {
    private static final String NET = "net.";
    private static final String DISTURBANCE = "disturbance.";
    private static final String OPTIMISER = "optimiser.";
    private static final String COUNTS = "counts";
    private static final String LOSS = "loss";
    private static final String ADDED = "added";

    private final Parameters parameters;
    private final DefenceContext context;
    private final Images clean;
    private final Net net;
    private final Net disturbance;
    private final Adam adam;
    private final int batches;
    private long done;
    private long evaluations;
    private double lossSum;

    Unlearning(Parameters parameters, DefenceContext context, Images clean) {
      this.parameters = parameters;
      this.context = context;
      this.clean = clean;
      this.net = context.net();
      this.disturbance =
          Net.drawn(
              net.compute(), net.precision(), added(), context.randomness(), net.imageShape());
      this.adam = new Adam(Adam.Settings.of(parameters.lr()));
      this.batches = Math.ceilDiv(clean.size(), parameters.batch());
    }

    /** Adds one image to each: its single parameter [channels, height, width]. */
    private static Forward added() {
      return (pass, images) -> {
        long[] image = images.getShape().slice(1).getShape();
        NDArray sum = images.add(pass.parameter(ADDED, Initial.constant(0), image).expandDims(0));
        return Out.of(sum, sum);
      };
    }

    @Override
    public long total() {
      return 2L * parameters.rounds() * batches;
    }

    @Override
    public long done() {
      return done;
    }

    @Override
    public long gradientEvaluations() {
      return evaluations;
    }

    @Override
    public Progress step() {
      int round = (int) (done / (2L * batches));
      int place = (int) (done % (2L * batches));
      if (place == 0) {
        lossSum = 0;
      }
      try (Scope scope = Scope.open()) {
        if (place == 0) {
          Ops.assign(disturbance.weights(), disturbance.weights().zerosLike());
        }
        if (place < batches) {
          disturb(round, place);
        } else {
          lossSum += unlearn(round, place - batches);
        }
      }
      done++;
      boolean endsEpoch = place == 2 * batches - 1;
      if (endsEpoch) {
        net.requireFinite("after round " + (round + 1));
      }
      return new Progress(
          done,
          total(),
          round + 1,
          parameters.rounds(),
          endsEpoch,
          place < batches ? Map.of() : Map.of("loss", lossSum / (place - batches + 1)));
    }

    private void disturb(int round, int place) {
      Batch batch = batch("disturb", round, place);
      NDArray answers = net.forward(Mode.EVAL, batch.images()).logits().argMax(1);
      Hypergradient.Gradients gradients =
          problem().gradients(inner(batch.images(), answers, parameters.norm()));
      requireFinite("disturbance", gradients, round);
      evaluations += gradients.samples();
      Sgd.Settings.of(parameters.disturbanceLr(), 0, 0)
          .start()
          .step(disturbance.weights(), gradients.byInput(), parameters.disturbanceLr());
    }

    private double unlearn(int round, int place) {
      Batch batch = batch("unlearn", 0, place);
      int size = (int) batch.images().getShape().get(0);
      int carriers = Math.max(1, (int) (size * parameters.portion()));
      float[] carry = new float[size];
      int[] order = context.randomness().stream("carriers", round, place).permutation(size);
      for (int i = 0; i < carriers; i++) {
        carry[order[i]] = 1;
      }
      NDArray carrying =
          net.compute()
              .manager()
              .create(carry, new Shape(size, 1, 1, 1))
              .toType(net.precision().type(), false);
      Batch first = batch("unlearn", 0, 0);
      Hypergradient.Gradients gradients =
          problem()
              .of(
                  inner(first.images(), first.labels(), parameters.norm()),
                  outer(batch.images(), batch.labels(), carrying));
      requireFinite("loss to unlearn", gradients, round);
      evaluations += gradients.samples();
      adam.step(net.weights(), gradients.byWeights(), parameters.lr());
      return gradients.value();
    }

    private Hypergradient problem() {
      return new Hypergradient(disturbance, net, parameters.innerStep(), parameters.k());
    }

    /** A batch of a round, varied; always the same for the same arguments. */
    private Batch batch(String purpose, int round, int place) {
      int[] order = context.randomness().stream(purpose, round).permutation(clean.size());
      int from = place * parameters.batch();
      int to = Math.min(clean.size(), from + parameters.batch());
      Batch batch = clean.batch(net.precision(), Arrays.copyOfRange(order, from, to));
      RandomStream augment = context.randomness().stream("augment " + purpose, round, place);
      return batch.withImages(context.augmentation().apply(batch.images(), augment));
    }

    private static void requireFinite(String what, Hypergradient.Gradients gradients, int round) {
      if (!Double.isFinite(gradients.value())) {
        throw new Failure(
            "the "
                + what
                + " is "
                + gradients.value()
                + " in round "
                + (round + 1)
                + ": lower the learning rates.");
      }
    }

    @Override
    public Tensors state() {
      return new Tensors.Builder()
          .putUnder(NET, net.state())
          .putUnder(DISTURBANCE, disturbance.state())
          .putUnder(OPTIMISER, adam.state())
          .put(COUNTS, Tensor.of(new long[] {done, total(), evaluations}, 3))
          .put(LOSS, Tensor.of(new double[] {lossSum}, 1))
          .build();
    }

    @Override
    public void restore(Tensors state) {
      long[] counts = state.get(COUNTS).longs();
      if (counts.length != 3 || counts[1] != total()) {
        throw new Mistake("the saved state belongs to an unlearning of another number of steps.");
      }
      net.load(state.under(NET));
      disturbance.load(state.under(DISTURBANCE));
      adam.restore(net.compute(), state.under(OPTIMISER));
      done = counts[0];
      evaluations = counts[2];
      lossSum = state.get(LOSS).doubles()[0];
    }

    @Override
    public void close() {
      adam.close();
      disturbance.close();
    }
  }
}
