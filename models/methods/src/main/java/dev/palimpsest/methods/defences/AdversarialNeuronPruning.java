package dev.palimpsest.methods.defences;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
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
import java.util.List;
import java.util.Map;

/**
 * Adversarial neuron pruning: each channel of a batch normalisation (its neuron) has a mask m in
 * [0,1] on its gamma, learned against the worst disturbance of the neurons: min_m alpha CE(m gamma,
 * beta) + (1 - alpha) max CE((m + n) gamma, (1 + b) beta). n and b are drawn from U(-eps, eps) at
 * each step and climb by the sign of the gradient, eps in all. In the end the gammas of the neurons
 * whose mask is at most the threshold are zero; nothing else changes.
 *
 * <p>Batches are drawn with replacement and normalised by their own statistics. As in the official
 * code n and b are not cut back to [-eps, eps], and beta is never masked. That code and
 * BackdoorBench look at a range of thresholds with the test set, BackdoorBench with triggers; here
 * the paper's 0.2 is the default. The course is measured once, at the end.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class AdversarialNeuronPruning
    implements Defence<AdversarialNeuronPruning.Parameters> {
  /** How masks are learned and when a neuron is out. */
  public record Parameters(
      @Param(
              help = "greatest relative disturbance of a neuron that is drawn, and that is added",
              value = "0.4",
              min = 0)
          double epsilon,
      @Param(help = "steps in which the disturbance climbs", value = "1", min = 1) int climbs,
      @Param(
              help = "weight of the loss without disturbance; the other has the rest",
              value = "0.2",
              min = 0,
              max = 1)
          double alpha,
      @Param(help = "mask up to which a neuron is out", value = "0.2", min = 0, max = 1)
          double threshold,
      @Param(help = "steps of the masks", value = "2000", min = 1) int steps,
      @Param(help = "learning rate of the masks", value = "0.2", min = 0) double lr,
      @Param(help = "momentum of the masks", value = "0.9", min = 0, max = 1) double momentum,
      @Param(help = "samples a step", value = "128", min = 1) int batch) {}

  @Override
  public String name() {
    return "anp";
  }

  @Override
  public String summary() {
    return "Adversarial neuron pruning: neurons that a small disturbance turns bad are taken out.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "wu2021anp",
        "Dongxian Wu and Yisen Wang",
        "Adversarial Neuron Pruning Purifies Backdoored Deep Models",
        "Advances in Neural Information Processing Systems (NeurIPS)",
        2021);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public Stepwise start(Parameters parameters, DefenceContext context) {
    return new Masking(parameters, context, context.samples());
  }

  /** Learns the masks; prunes in the last step. */
  static final class Masking implements Stepwise {
    private static final String MASK = "mask";
    private static final String OPTIMISER = "optimiser.";
    private static final String COUNTS = "counts";
    private static final String LOSS = "loss";
    private static final String MEAN = ".running_mean";

    private final Parameters parameters;
    private final DefenceContext context;
    private final Images clean;
    private final Net net;
    private final Tensors origin;
    private final NDArray weights;
    private final Selection gammas;
    private final Selection betas;
    private final NDArray gamma;
    private final NDArray beta;
    private final NDArray mask;
    private final Sgd sgd;
    private long done;
    private long evaluations;
    private double lossSum;

    Masking(Parameters parameters, DefenceContext context, Images clean) {
      this.parameters = parameters;
      this.context = context;
      this.clean = clean;
      this.net = context.net();
      this.origin = net.state();
      List<String> layers =
          origin.tensors().keySet().stream()
              .filter(name -> name.endsWith(MEAN))
              .map(name -> name.substring(0, name.length() - MEAN.length()))
              .toList();
      if (layers.isEmpty()) {
        throw new Mistake(
            "the network has no batch normalisation; expected one whose neurons can be masked.");
      }
      this.weights = net.weights().duplicate();
      this.gammas = Selection.of(net, layers.stream().map(each -> each + ".weight").toList());
      this.betas = Selection.of(net, layers.stream().map(each -> each + ".bias").toList());
      this.gamma = gammas.of(weights);
      this.beta = betas.of(weights);
      this.mask = gamma.onesLike();
      this.sgd = new Sgd(Sgd.Settings.of(parameters.lr(), parameters.momentum(), 0));
    }

    @Override
    public long total() {
      return parameters.steps();
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
      if (done == 0) {
        net.requireFinite("before pruning");
      }
      try (Scope scope = Scope.open()) {
        learn(batch());
      }
      done++;
      double loss = lossSum / done;
      return finished()
          ? new Progress(done, total(), 1, 1, true, Map.of("loss", loss, "pruned", prune()))
          : new Progress(done, total(), 1, 1, false, Map.of("loss", loss));
    }

    private Batch batch() {
      RandomStream draws = context.randomness().stream("samples", done);
      int[] indices = new int[parameters.batch()];
      for (int i = 0; i < indices.length; i++) {
        indices[i] = draws.below(clean.size());
      }
      Batch batch = clean.batch(net.precision(), indices);
      RandomStream augment = context.randomness().stream("augment", done);
      return batch.withImages(context.augmentation().apply(batch.images(), augment));
    }

    private void learn(Batch batch) {
      RandomStream draws = context.randomness().stream("disturbance", done);
      NDArray noise = disturbance(gamma, draws);
      NDArray noiseOfBeta = disturbance(beta, draws);
      double climb = parameters.epsilon() / parameters.climbs();
      for (int i = 0; i < parameters.climbs(); i++) {
        NDArray worse = gradient(batch, mask.add(noise), noiseOfBeta.add(1)).vector();
        noise = noise.add(Ops.scaled(gammas.of(worse).mul(gamma).sign(), climb));
        noiseOfBeta = noiseOfBeta.add(Ops.scaled(betas.of(worse).mul(beta).sign(), climb));
      }
      Net.Gradient disturbed = gradient(batch, mask.add(noise), noiseOfBeta.add(1));
      Net.Gradient natural = gradient(batch, mask, noiseOfBeta.onesLike());
      double alpha = parameters.alpha();
      lossSum += alpha * natural.value() + (1 - alpha) * disturbed.value();
      NDArray byGamma =
          Ops.scaled(gammas.of(natural.vector()), alpha)
              .add(Ops.scaled(gammas.of(disturbed.vector()), 1 - alpha));
      sgd.step(mask, byGamma.mul(gamma), parameters.lr());
      Ops.assign(mask, mask.clip(0, 1));
    }

    private NDArray disturbance(NDArray like, RandomStream draws) {
      double[] drawn = new double[Math.toIntExact(like.size())];
      for (int i = 0; i < drawn.length; i++) {
        drawn[i] = draws.uniform(-parameters.epsilon(), parameters.epsilon());
      }
      return like.getManager().create(drawn).toType(like.getDataType(), false);
    }

    /** The gradient by all weights where gammas and betas are multiplied. */
    private Net.Gradient gradient(Batch batch, NDArray ofGamma, NDArray ofBeta) {
      gammas.put(net.weights(), gamma.mul(ofGamma));
      betas.put(net.weights(), beta.mul(ofBeta));
      Net.Gradient gradient =
          net.gradient(
              Mode.TRAIN_FROZEN_STATS,
              batch.images(),
              (out, all) -> Ops.crossEntropy(out.logits(), batch.labels()));
      Ops.assign(net.weights(), weights);
      evaluations += gradient.samples();
      if (!Double.isFinite(gradient.value())) {
        throw new Failure(
            "the loss is "
                + gradient.value()
                + " in step "
                + (done + 1)
                + " of the masks: lower epsilon or the learning rate.");
      }
      return gradient;
    }

    /** Takes neurons out of the network as it was; how many. */
    private double prune() {
      net.load(origin);
      try (Scope scope = Scope.open()) {
        NDArray kept = mask.gt(parameters.threshold()).toType(mask.getDataType(), false);
        gammas.put(net.weights(), gamma.mul(kept));
        return mask.size() - kept.toType(DataType.FLOAT64, false).sum().getDouble();
      }
    }

    @Override
    public Tensors state() {
      return new Tensors.Builder()
          .put(MASK, Compute.tensor(mask))
          .putUnder(OPTIMISER, sgd.state())
          .put(COUNTS, Tensor.of(new long[] {done, total(), evaluations}, 3))
          .put(LOSS, Tensor.of(new double[] {lossSum}, 1))
          .build();
    }

    @Override
    public void restore(Tensors state) {
      long[] counts = state.get(COUNTS).longs();
      if (counts.length != 3 || counts[1] != total()) {
        throw new Mistake("the saved state belongs to masks of another number of steps.");
      }
      try (Scope scope = Scope.open()) {
        Ops.assign(mask, net.compute().array(state.get(MASK)));
      }
      sgd.restore(net.compute(), state.under(OPTIMISER));
      done = counts[0];
      evaluations = counts[2];
      lossSum = state.get(LOSS).doubles()[0];
      if (finished()) {
        prune();
      }
    }

    @Override
    public void close() {
      sgd.close();
      List.of(mask, gamma, beta, weights).forEach(NDArray::close);
      gammas.close();
      betas.close();
    }
  }
}
