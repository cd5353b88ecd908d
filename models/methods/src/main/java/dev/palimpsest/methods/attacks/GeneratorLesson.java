package dev.palimpsest.methods.attacks;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Adam;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Recipe;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The network and the pattern's generator in one loss: of each shuffled batch the first samples are
 * poisoned, the next carry the trigger of another image; cross-entropy of all, and lambdaDiv times
 * the likeness of the poisoned ones' patterns. The generator moves with the network, its rate falls
 * to a tenth after 1/3, 1/2, 2/3 and 5/6 of the epochs, as published for 600.
 *
 * <p>The other image is one of the same batch; published, of a second shuffle of the data. The
 * published code clears the gradients of the classifier alone, so that the generator's add up over
 * steps; here each step has its own. Its CIFAR-10 images are normalised before distances are taken,
 * by about 1/4, and ours lie in [0,1]: the same lambdaDiv asks for less diversity here.
 */
final class GeneratorLesson implements Lesson {
  private static final String PATTERN = "pattern.";
  private static final String ADAM = "adam.";
  private static final double[] FALLS = {1.0 / 3, 1.0 / 2, 2.0 / 3, 5.0 / 6};

  private final InputAware.Parameters parameters;
  private final PoisonPlan.Aim aim;
  private final Recipe recipe;
  private final int stepsAnEpoch;
  private final Net pattern;
  private final Net mask;
  private final Adam adam;
  private final NDArray targetMap;
  private Optional<Net.Graph> passes = Optional.empty();
  private long moves;

  GeneratorLesson(
      InputAware.Parameters parameters,
      Net net,
      Net mask,
      PoisonPlan.Aim aim,
      Recipe recipe,
      Images data,
      Randomness randomness) {
    this.parameters = parameters;
    this.aim = aim;
    this.recipe = recipe;
    this.stepsAnEpoch = Math.ceilDiv(data.size(), recipe.batchSize());
    int batch = Math.min(data.size(), recipe.batchSize());
    if (aim.rate() > 0 && poisoned(batch) == 0) {
      throw new Mistake(
          "the poisoning rate is "
              + aim.rate()
              + ", which is less than one sample of a batch of "
              + batch
              + "; raise it.");
    }
    this.mask = mask;
    long[] image = data.imageShape();
    this.pattern =
        Net.drawn(
            net.compute(),
            net.precision(),
            new TriggerGenerator((int) image[0]),
            randomness.within("pattern"),
            image);
    this.adam = GeneratorTraining.adam(parameters);
    this.targetMap = net.compute().array(aim.targetMap());
  }

  Net pattern() {
    return pattern;
  }

  private int poisoned(long batch) {
    return (int) (aim.rate() * batch);
  }

  private int crossed(long batch) {
    return Math.min(
        (int) (batch - poisoned(batch)), (int) (aim.rate() * parameters.crossRatio() * batch));
  }

  /** Labels the poisoned samples; their images are made in the loss. */
  Poisoner poisoner() {
    return new Poisoner() {
      @Override
      public Batch afterAugmentation(Batch batch, int[] indices, RandomStream stream) {
        int marked = poisoned(indices.length);
        if (marked == 0) {
          return batch;
        }
        NDArray labels = targetMap.gather(batch.labels().get("0:" + marked), 0);
        boolean[] flags = new boolean[indices.length];
        Arrays.fill(flags, 0, marked, true);
        return new Batch(
            batch.images(),
            marked == indices.length ? labels : labels.concat(batch.labels().get(marked + ":")),
            pattern.compute().manager().create(flags));
      }
    };
  }

  @Override
  public Net.Loss loss(Step step) {
    NDArray images = step.batch().images();
    NDArray labels = step.batch().labels();
    int n = (int) labels.size();
    int marked = poisoned(n);
    int crossed = crossed(n);
    if (marked == 0) {
      return Net.Loss.of(images, (out, weights) -> Ops.crossEntropy(out.logits(), labels));
    }
    Compute compute = pattern.compute();
    int shift = shift(n, marked, step.random());
    int most = Math.max(marked, crossed);
    NDArray own = images.get("0:" + marked);
    NDArray others =
        Rows.of(images, compute, IntStream.range(0, most).map(i -> (i + shift) % n).toArray());
    NDArray masks = InputAware.threshold(mask.forward(Mode.EVAL, own).logits());
    NDArray otherMasks = InputAware.threshold(mask.forward(Mode.EVAL, others).logits());
    return graph -> {
      Net.Graph generator = pattern.graph(graph.pass().mode());
      passes = Optional.of(generator);
      NDArray patterns = generator.forward(own).logits();
      NDArray otherPatterns = generator.forward(others).logits();
      NDArray mixed = InputAware.masked(own, patterns, masks);
      if (crossed > 0) {
        String first = "0:" + crossed;
        mixed =
            mixed.concat(
                InputAware.masked(
                    images.get(marked + ":" + (marked + crossed)),
                    otherPatterns.get(first),
                    otherMasks.get(first)));
      }
      if (marked + crossed < n) {
        mixed = mixed.concat(images.get((marked + crossed) + ":"));
      }
      NDArray loss = Ops.crossEntropy(graph.forward(mixed).logits(), labels);
      NDArray likeness =
          GeneratorTraining.likeness(
              own, others.get("0:" + marked), patterns, otherPatterns.get("0:" + marked));
      return loss.add(Ops.scaled(likeness, parameters.lambdaDiv()));
    };
  }

  /**
   * How far behind it in the batch a sample's other image is: neither itself, nor where it goes.
   */
  private static int shift(int n, int marked, RandomStream random) {
    if (n < 3) {
      return n - 1;
    }
    int shift = 1 + random.below(n - 2);
    return shift < marked ? shift : shift + 1;
  }

  @Override
  public void moved() {
    int epoch = (int) (moves / stepsAnEpoch);
    passes.ifPresent(graph ->
        adam.step(
            pattern.weights(),
            graph.gradient(),
            GeneratorTraining.rate(parameters.lr(), epoch, recipe.epochs(), FALLS)));
    passes = Optional.empty();
    moves++;
  }

  @Override
  public Tensors state() {
    var state = new Tensors.Builder();
    state.putUnder(PATTERN, pattern.state());
    state.putUnder(ADAM, adam.state());
    return state.put("moves", Tensor.of(new long[] {moves}, 1)).build();
  }

  @Override
  public void restore(Tensors state) {
    pattern.load(state.under(PATTERN));
    adam.restore(pattern.compute(), state.under(ADAM));
    moves = state.get("moves").longs()[0];
  }

  @Override
  public void close() {
    adam.close();
    pattern.close();
    targetMap.close();
  }
}
