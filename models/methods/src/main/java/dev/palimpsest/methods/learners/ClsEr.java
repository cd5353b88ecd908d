package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Optional;
import java.util.Set;

/**
 * Complementary learning systems: experience replay beside two exponential moving averages of the
 * weights, a plastic one that is moved often and a stable one that is moved seldom.
 *
 * <p>The loss is the mean cross-entropy over the batch at hand and a batch drawn from the buffer,
 * in one pass, plus a weight times the mean squared distance of the drawn batch's logits, in a pass
 * of its own, to those of the average that gives the true class the higher probability, sample by
 * sample. After step s an average is moved with its own probability: w' = b w' + (1 - b) w with b =
 * min(1 - 1/(s + 1), alpha). The averages normalise with their batches, and their running
 * statistics come from these alone. All this is as in the authors' code, but for the order of the
 * two passes.
 *
 * <p>Recall asks the stable network. A study that measures the network itself, as SBL does,
 * measures the one that is trained.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class ClsEr implements Learner<ClsEr.Parameters> {
  private static final String STABLE = "stable";
  private static final String PLASTIC = "plastic";
  private static final String AVERAGES = "averages";

  /** The buffer, the distance's weight, and how the averages move. */
  public record Parameters(
      @Param(help = "buffer") BufferSettings buffer,
      @Param(
              help = "weight of the distance to the averages' logits",
              value = "0.1",
              min = 0,
              max = 1000)
          double consistency,
      @Param(
              help = "probability that the stable network moves after a step",
              value = "0.7",
              min = 0,
              max = 1)
          double stableFrequency,
      @Param(
              help = "share of itself that the stable network keeps in a move, at most",
              value = "0.999",
              min = 0,
              max = 1)
          double stableAlpha,
      @Param(
              help = "probability that the plastic network moves after a step",
              value = "0.9",
              min = 0,
              max = 1)
          double plasticFrequency,
      @Param(
              help = "share of itself that the plastic network keeps in a move, at most",
              value = "0.999",
              min = 0,
              max = 1)
          double plasticAlpha) {}

  @Override
  public String name() {
    return "cls-er";
  }

  @Override
  public String summary() {
    return "Experience replay beside two averages of the weights, a plastic and a stable one.";
  }

  @Override
  public Citation citation() {
    return Citation.paper(
        "arani2022clser",
        "Elahe Arani and Fahad Sarfraz and Bahram Zonooz",
        "Learning Fast, Learning Slow: A General Continual Learning Method based on Complementary"
            + " Learning System",
        "International Conference on Learning Representations (ICLR)",
        2022);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public boolean needsMemory() {
    return true;
  }

  @Override
  public int samplesKept(Parameters parameters) {
    return parameters.buffer().size();
  }

  @Override
  public TaskLesson lesson(Parameters parameters, TaskContext context) {
    return new Averaging(parameters, context);
  }

  @Override
  public Consolidation consolidation(Parameters parameters, TaskContext context) {
    return Buffer.unlessHeld(parameters.buffer(), context, Set.of());
  }

  @Override
  public Recall recall(Parameters parameters, Net net, Memory memory, Task last) {
    Net stable = twin(net, memory, STABLE);
    return new Recall() {
      @Override
      public Scores scores(NDArray images, Task task) {
        return Scores.of(stable.forward(Mode.EVAL, images).logits());
      }

      @Override
      public void close() {
        stable.close();
      }
    };
  }

  /** An average of a memory; the network itself where there is none. */
  private static Net twin(Net net, Memory memory, String average) {
    Net twin = net.twin();
    if (memory.has(average)) {
      Tensors now = net.state();
      var state = new Tensors.Builder();
      memory
          .part(average)
          .tensors()
          .forEach((name, tensor) -> state.put(name, tensor.continuedBy(now.get(name))));
      twin.load(state.build());
    }
    return twin;
  }

  private static final class Averaging extends ReplayLesson {
    private final Parameters parameters;
    private final Net net;
    private final Net stable;
    private final Net plastic;
    private long steps;
    private boolean stableMoves;
    private boolean plasticMoves;

    Averaging(Parameters parameters, TaskContext context) {
      super(parameters.buffer(), context);
      this.parameters = parameters;
      this.net = context.net();
      this.stable = twin(net, context.memory(), STABLE);
      this.plastic = twin(net, context.memory(), PLASTIC);
      this.steps = steps(context.memory());
    }

    private static long steps(Memory memory) {
      return memory.has(AVERAGES) ? memory.part(AVERAGES).get("steps").longs()[0] : 0;
    }

    @Override
    public Net.Loss loss(Step step) {
      Batch own = step.batch();
      Optional<Batch> replay = drawn(step).map(drawn -> drawn.batch(step.augment()));
      Optional<NDArray> target = replay.map(former -> target(step.mode(), former));
      keep(step);
      plasticMoves = step.random().uniform() < parameters.plasticFrequency();
      stableMoves = step.random().uniform() < parameters.stableFrequency();
      Batch all = replay.map(own::and).orElse(own);
      return graph -> {
        NDArray loss = Ops.crossEntropy(graph.forward(all.images()).logits(), all.labels());
        return replay
            .map(former ->
                Ops.scaled(
                        graph
                            .forward(former.images())
                            .logits()
                            .sub(target.orElseThrow())
                            .square()
                            .mean(),
                        parameters.consistency())
                    .add(loss))
            .orElse(loss);
      };
    }

    private NDArray target(Mode mode, Batch former) {
      return surer(
          stable.forward(mode, former.images()).logits(),
          plastic.forward(mode, former.images()).logits(),
          former.labels());
    }

    @Override
    public void moved() {
      steps++;
      if (plasticMoves) {
        follow(plastic, parameters.plasticAlpha());
      }
      if (stableMoves) {
        follow(stable, parameters.stableAlpha());
      }
    }

    private void follow(Net average, double alpha) {
      double kept = Math.min(1 - 1.0 / (steps + 1), alpha);
      average.weights().muli(kept).addi(Ops.scaled(net.weights(), 1 - kept));
    }

    @Override
    Memory keptIn(Memory memory) {
      return super.keptIn(memory)
          .with(STABLE, stable.state())
          .with(PLASTIC, plastic.state())
          .with(
              AVERAGES,
              new Tensors.Builder().put("steps", Tensor.of(new long[] {steps}, 1)).build());
    }

    @Override
    void restore(Memory kept) {
      super.restore(kept);
      stable.load(kept.part(STABLE));
      plastic.load(kept.part(PLASTIC));
      steps = steps(kept);
    }

    @Override
    public void close() {
      stable.close();
      plastic.close();
    }
  }

  /** Of each sample the logits that give its label the higher probability: all are [n, classes]. */
  static NDArray surer(NDArray stable, NDArray plastic, NDArray labels) {
    NDArray first = Ops.logLikelihood(stable, labels).gt(Ops.logLikelihood(plastic, labels));
    return NDArrays.where(first.expandDims(1).broadcast(stable.getShape()), stable, plastic);
  }
}
