package dev.palimpsest.methods.attacks;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Adam;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.engine.Training;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.Map;

/**
 * The input-aware attack's training: first the mask's generator by itself, then the network with
 * the pattern's generator ({@link GeneratorLesson}). Adam has betas 0.5 and 0.9; rates fall to a
 * tenth as published, at the same shares of the epochs: the mask's after 2/5 and 4/5. The published
 * code multiplies the mask's diversity by lambdaDiv twice.
 */
final class GeneratorTraining implements Crafting {
  private static final String MASK = "mask.";
  private static final String ADAM = "adam.";
  private static final String TRAINING = "training.";
  private static final String COUNTS = "counts";
  private static final String LOSS = "loss";

  private final InputAware.Parameters parameters;
  private final Images data;
  private final int batch;
  private final int maskSteps;
  private final Randomness randomness;
  private final Net mask;
  private final Adam adam;
  private final GeneratorLesson lesson;
  private final Training training;
  private final int epochs;
  private long masked;
  private double lossSum;
  private long seen;

  GeneratorTraining(
      InputAware.Parameters parameters,
      Net net,
      Images data,
      Recipe recipe,
      PoisonPlan.Aim aim,
      Randomness randomness) {
    this.parameters = parameters;
    this.data = data;
    this.batch = recipe.batchSize();
    this.maskSteps = Math.ceilDiv(data.size(), batch);
    this.randomness = randomness.within("mask");
    this.epochs = parameters.maskEpochs() + recipe.epochs();
    this.mask =
        Net.drawn(
            net.compute(),
            net.precision(),
            new TriggerGenerator(1),
            this.randomness,
            data.imageShape());
    this.adam = adam(parameters);
    this.lesson = new GeneratorLesson(parameters, net, mask, aim, recipe, data, randomness);
    this.training = Training.of(net, data, recipe, lesson.poisoner(), lesson, randomness);
  }

  static Adam adam(InputAware.Parameters parameters) {
    return new Adam(new Adam.Settings(parameters.lr(), 0.5, 0.9, 1e-8, 0));
  }

  /** The rate of an epoch: a tenth for each of the shares of the epochs that are over. */
  static double rate(double base, int epoch, int epochs, double... shares) {
    long over = Arrays.stream(shares).filter(share -> epoch >= share * epochs).count();
    return base * StrictMath.pow(0.1, over);
  }

  /**
   * How alike generated pictures are, compared with the images that they were made for: the mean
   * over pairs of the distance of the images by that of the pictures, distances being roots of mean
   * squares.
   */
  static NDArray likeness(NDArray images, NDArray others, NDArray pictures, NDArray otherPictures) {
    return distance(images, others).div(distance(pictures, otherPictures)).mean();
  }

  /** For each pair; not quite 0 for equal ones, so that it has a gradient there. */
  private static NDArray distance(NDArray a, NDArray b) {
    NDArray squares = a.sub(b).square();
    return squares.reshape(squares.getShape().get(0), -1).mean(new int[] {1}).add(1e-14).sqrt();
  }

  private long maskTotal() {
    return (long) parameters.maskEpochs() * maskSteps;
  }

  @Override
  public long total() {
    return maskTotal() + training.total();
  }

  @Override
  public long done() {
    return masked + training.done();
  }

  @Override
  public long gradientEvaluations() {
    long whole = masked / maskSteps * data.size();
    return whole + masked % maskSteps * batch + training.gradientEvaluations();
  }

  @Override
  public Progress step() {
    if (masked < maskTotal()) {
      return maskStep();
    }
    Progress progress = training.step();
    return new Progress(
        done(),
        total(),
        parameters.maskEpochs() + progress.epoch(),
        epochs,
        progress.endsEpoch(),
        progress.metrics());
  }

  private Progress maskStep() {
    int epoch = (int) (masked / maskSteps);
    int step = (int) (masked % maskSteps);
    if (step == 0) {
      lossSum = 0;
      seen = 0;
    }
    int[] order = randomness.stream("shuffle", epoch).permutation(data.size());
    int from = step * batch;
    int[] places = Arrays.copyOfRange(order, from, Math.min(order.length, from + batch));
    RandomStream pairs = randomness.stream("pairs", epoch, step);
    try (Scope scope = Scope.open()) {
      NDArray images = data.batch(mask.precision(), places).images();
      NDArray others = data.batch(mask.precision(), others(places, pairs)).images();
      Net.Gradient gradient =
          mask.gradient(
              Mode.TRAIN,
              graph -> {
                NDArray masks = InputAware.threshold(graph.forward(images).logits());
                NDArray otherMasks = InputAware.threshold(graph.forward(others).logits());
                NDArray size = Ops.relu(masks.sub(parameters.maskDensity())).mean();
                return Ops.scaled(size, parameters.lambdaNorm())
                    .add(
                        Ops.scaled(
                            likeness(images, others, masks, otherMasks), parameters.lambdaDiv()));
              });
      if (!Double.isFinite(gradient.value())) {
        throw new Failure(
            "the loss of the mask is "
                + gradient.value()
                + " in epoch "
                + (epoch + 1)
                + ", step "
                + (step + 1)
                + ": lower the attack's lr.");
      }
      adam.step(
          mask.weights(),
          gradient.vector(),
          rate(parameters.lr(), epoch, parameters.maskEpochs(), 2.0 / 5, 4.0 / 5));
      lossSum += gradient.value() * places.length;
      seen += places.length;
    }
    masked++;
    return new Progress(
        done(),
        total(),
        epoch + 1,
        epochs,
        step == maskSteps - 1,
        Map.of("maskLoss", lossSum / seen));
  }

  /** Another place of the data for each. */
  private int[] others(int[] places, RandomStream stream) {
    int n = data.size();
    return Arrays.stream(places)
        .map(place -> n == 1 ? place : (place + 1 + stream.below(n - 1)) % n)
        .toArray();
  }

  @Override
  public Crafted crafted() {
    if (!finished()) {
      throw new IllegalStateException(done() + " of " + total() + " steps are done");
    }
    return Crafted.of(InputAware.trigger(lesson.pattern(), mask));
  }

  @Override
  public Tensors state() {
    var state = new Tensors.Builder();
    state.putUnder(MASK, mask.state());
    state.putUnder(ADAM, adam.state());
    state.putUnder(TRAINING, training.state());
    return state
        .put(COUNTS, Tensor.of(new long[] {masked, total(), seen}, 3))
        .put(LOSS, Tensor.of(new double[] {lossSum}, 1))
        .build();
  }

  @Override
  public void restore(Tensors state) {
    long[] counts = state.get(COUNTS).longs();
    if (counts.length != 3 || counts[1] != total()) {
      throw new Mistake(
          "the saved state belongs to a training of other length; expected " + total() + " steps.");
    }
    mask.load(state.under(MASK));
    adam.restore(mask.compute(), state.under(ADAM));
    training.restore(state.under(TRAINING));
    masked = counts[0];
    seen = counts[2];
    lossSum = state.get(LOSS).doubles()[0];
  }

  @Override
  public void close() {
    training.close();
    lesson.close();
    adam.close();
    mask.close();
  }
}
