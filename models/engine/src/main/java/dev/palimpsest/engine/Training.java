package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * The training loop of every stage: shuffled batches, augmentation, an attack's trigger, a
 * learner's lesson, an optimiser with or without SAM.
 *
 * <p>Random numbers are functions of epoch and step: streams {@code shuffle} (epoch), {@code
 * augment}, {@code poison}, {@code augment replay} and {@code lesson} (epoch, step).
 */
public final class Training implements Stepwise {
  private static final String NET = "net.";
  private static final String LESSON = "lesson.";
  private static final String OPTIMISER = "optimiser.";
  private static final String PLATEAU = "training.plateau";
  private static final String COUNTS = "training.counts";
  private static final String LOSS = "training.loss";

  private final Net net;
  private final Images data;
  private final Recipe recipe;
  private final Poisoner poisoner;
  private final Lesson lesson;
  private final Randomness randomness;
  private final Optimiser optimiser;
  private final Optional<Validated> validated;
  private final int stepsAnEpoch;

  private long done;
  private long evaluations;
  private double lossSum;
  private long correct;
  private long seen;
  private int orderOf = -1;
  private int[] order = {};

  private Training(
      Net net,
      Images data,
      Recipe recipe,
      Poisoner poisoner,
      Lesson lesson,
      Randomness randomness,
      Optional<DoubleSupplier> validation) {
    this.net = net;
    this.data = data;
    this.recipe = recipe;
    this.poisoner = poisoner;
    this.lesson = lesson;
    this.randomness = randomness;
    this.optimiser = recipe.optimiser().start();
    this.validated =
        recipe.schedule() == Schedule.PLATEAU
            ? Optional.of(
                new Validated(
                    Plateau.of(recipe.optimiser().rate()),
                    validation.orElseThrow(() ->
                        new Mistake(
                            "schedule is plateau, and there are no held-out images to watch;"
                                + " expected a validation share above 0 where a stage has one, or another schedule."))))
            : Optional.empty();
    this.stepsAnEpoch = Math.ceilDiv(data.size(), recipe.batchSize());
  }

  /** Trains {@code net} in place; all arguments stay the caller's to close. */
  public static Training of(
      Net net,
      Images data,
      Recipe recipe,
      Poisoner poisoner,
      Lesson lesson,
      Randomness randomness) {
    return of(net, data, recipe, poisoner, lesson, randomness, Optional.empty());
  }

  /**
   * Trains with a loss that is watched.
   *
   * @param validation the loss on held-out images, asked after each epoch by the plateau schedule
   * @throws Mistake if the schedule wants one and there is none
   */
  public static Training of(
      Net net,
      Images data,
      Recipe recipe,
      Poisoner poisoner,
      Lesson lesson,
      Randomness randomness,
      Optional<DoubleSupplier> validation) {
    return new Training(net, data, recipe, poisoner, lesson, randomness, validation);
  }

  /** Trains on the data as they are. */
  public static Training of(Net net, Images data, Recipe recipe, Randomness randomness) {
    return of(net, data, recipe, Poisoner.NONE, Lesson.PLAIN, randomness);
  }

  @Override
  public long total() {
    return (long) recipe.epochs() * stepsAnEpoch;
  }

  @Override
  public long done() {
    return done;
  }

  @Override
  public long gradientEvaluations() {
    return evaluations;
  }

  /** The network that is trained. */
  public Net net() {
    return net;
  }

  @Override
  public Progress step() {
    if (finished()) {
      throw new IllegalStateException("all " + total() + " steps are done");
    }
    int epoch = (int) (done / stepsAnEpoch);
    int step = (int) (done % stepsAnEpoch);
    if (step == 0) {
      lossSum = 0;
      correct = 0;
      seen = 0;
    }
    int[] indices = indices(epoch, step);
    try (Scope scope = Scope.open()) {
      train(epoch, step, indices);
    }
    done++;
    boolean endsEpoch = step == stepsAnEpoch - 1;
    if (endsEpoch) {
      net.requireFinite("after " + place(epoch, step));
      validated.ifPresent(Validated::watch);
    }
    return new Progress(
        done,
        total(),
        epoch + 1,
        recipe.epochs(),
        endsEpoch,
        Map.of("loss", lossSum / seen, "accuracy", (double) correct / seen));
  }

  private void train(int epoch, int step, int[] indices) {
    Batch raw = data.batch(net.precision(), indices);
    Batch batch = batch(raw, epoch, step, indices);
    RandomStream replay = randomness.stream("augment replay", epoch, step);
    boolean frozen = recipe.frozenStatistics() || lesson.frozenStatistics();
    Mode mode = frozen ? Mode.TRAIN_FROZEN_STATS : Mode.TRAIN;
    Net.Loss loss =
        lesson.loss(
            new Lesson.Step(
                raw,
                batch,
                images -> recipe.augmentation().apply(images, replay),
                mode,
                randomness.stream("lesson", epoch, step)));
    Net.Gradient gradient = net.gradient(mode, loss);
    requireFinite(gradient.value(), epoch, step);
    evaluations += gradient.samples();
    lossSum += gradient.value() * indices.length;
    seen += indices.length;
    correct += correct(gradient.out().orElseThrow().logits(), batch.labels(), lesson.firstColumn());
    if (recipe.sharpening().isPresent()) {
      gradient = recipe.sharpening().get().sharpened(net, loss, gradient);
      requireFinite(gradient.value(), epoch, step);
      evaluations += gradient.samples();
    }
    double scheduled =
        validated
            .map(watched -> watched.plateau().rate())
            .orElseGet(
                () -> recipe.schedule().rate(recipe.optimiser().rate(), epoch, recipe.period()));
    double rate = lesson.rate(scheduled, epoch, Math.toIntExact(done));
    optimiser.step(net.weights(), lesson.adjusted(gradient.vector()), rate);
    lesson.moved();
  }

  private Batch batch(Batch raw, int epoch, int step, int[] indices) {
    Batch batch = poisoner.beforeAugmentation(raw, indices);
    batch =
        batch.withImages(
            recipe.augmentation().apply(batch.images(), randomness.stream("augment", epoch, step)));
    return poisoner.afterAugmentation(batch, indices, randomness.stream("poison", epoch, step));
  }

  /** Right answers on the batch at hand, the first rows of the pass. */
  private static long correct(NDArray logits, NDArray labels, int first) {
    NDArray own = logits.get("0:" + labels.size() + ", " + first + ":");
    return own.argMax(1).add(first).eq(labels).toType(DataType.INT64, false).sum().getLong();
  }

  private void requireFinite(double loss, int epoch, int step) {
    if (!Double.isFinite(loss)) {
      throw new Failure(
          "the loss is " + loss + " in " + place(epoch, step) + ": lower the learning rate.");
    }
  }

  private static String place(int epoch, int step) {
    return "epoch " + (epoch + 1) + ", step " + (step + 1);
  }

  private int[] indices(int epoch, int step) {
    if (orderOf != epoch) {
      order = randomness.stream("shuffle", epoch).permutation(data.size());
      orderOf = epoch;
    }
    int from = step * recipe.batchSize();
    return Arrays.copyOfRange(order, from, Math.min(data.size(), from + recipe.batchSize()));
  }

  @Override
  public Tensors state() {
    var state = new Tensors.Builder();
    state.putUnder(NET, net.state());
    state.putUnder(LESSON, lesson.state());
    state.putUnder(OPTIMISER, optimiser.state());
    validated.ifPresent(watched -> state.put(PLATEAU, watched.plateau().state()));
    state.put(COUNTS, Tensor.of(new long[] {done, total(), evaluations, correct, seen}, 5));
    state.put(LOSS, Tensor.of(new double[] {lossSum}, 1));
    return state.build();
  }

  @Override
  public void restore(Tensors state) {
    long[] counts = state.get(COUNTS).longs();
    if (counts.length != 5 || counts[1] != total()) {
      throw new Mistake(
          "the saved state belongs to a training of "
              + (counts.length > 1 ? counts[1] : 0)
              + " steps; this one has "
              + total()
              + ".");
    }
    net.load(state.under(NET));
    lesson.restore(state.under(LESSON));
    optimiser.restore(net.compute(), state.under(OPTIMISER));
    validated.ifPresent(watched -> watched.plateau().restore(state.get(PLATEAU)));
    done = counts[0];
    evaluations = counts[2];
    correct = counts[3];
    seen = counts[4];
    lossSum = state.get(LOSS).doubles()[0];
  }

  /** The loss that the plateau schedule watches. */
  private record Validated(Plateau plateau, DoubleSupplier loss) {
    void watch() {
      plateau.next(loss.getAsDouble());
    }
  }

  @Override
  public void close() {
    optimiser.close();
  }
}
