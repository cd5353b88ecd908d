package dev.palimpsest.methods.learners.rfe;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Adam;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Plateau;
import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.learners.Consolidation;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.TaskContext;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Trains the modules of a task after it was learned: its auxiliary extractor and, from the second
 * task on, the rectifier to the former representation; by Adam, whose rate falls on a plateau of
 * the loss on the validation images. Without such images the rate stays.
 *
 * <p>Stored samples, where there are some, pull at every rectifier on their way to the space of
 * their own task. They take no part in the validation loss, where they would be drawn anew for each
 * epoch.
 */
final class RfeConsolidation implements Consolidation {
  private static final int COUNTS = 4;

  private final RfeSettings settings;
  private final ModuleSettings how;
  private final TaskContext context;
  private final ModuleLoss loss;
  private final Net modules;
  private final Adam adam;
  private final Plateau plateau;
  private final long pieces;
  private final int stepsAnEpoch;

  private long done;
  private long evaluations;
  private long seen;
  private final double[] sums = new double[2];

  RfeConsolidation(RfeSettings settings, TaskContext context) {
    this.settings = settings;
    this.how = settings.modules();
    this.context = context;
    this.loss = new ModuleLoss(settings, context);
    this.modules = loss.modules();
    this.adam = new Adam(Adam.Settings.of(how.lr()), Modules.spans(modules));
    this.plateau = Plateau.of(how.lr());
    this.pieces = loss.pieces();
    this.stepsAnEpoch = Math.ceilDiv(context.data().size(), how.batch());
  }

  @Override
  public long total() {
    return pieces + (long) how.epochs() * stepsAnEpoch;
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
    loss.prepare((int) Math.min(pieces, done + 1));
    if (done < pieces) {
      done++;
      return new Progress(done, total(), 1, how.epochs(), false, Map.of());
    }
    int epoch = (int) ((done - pieces) / stepsAnEpoch);
    int step = (int) ((done - pieces) % stepsAnEpoch);
    if (step == 0) {
      seen = 0;
      Arrays.fill(sums, 0);
    }
    try (Scope scope = Scope.open()) {
      train(epoch, step);
    }
    done++;
    var metrics = new TreeMap<String, Double>();
    metrics.put("auxiliaryLoss", sums[0] / seen);
    metrics.put("rectifierLoss", sums[1] / seen);
    metrics.put("rate", plateau.rate());
    metrics.put("featuresOnce", how.features() == Features.ONCE ? 1.0 : 0.0);
    boolean endsEpoch = step == stepsAnEpoch - 1;
    if (endsEpoch) {
      modules.requireFinite("after epoch " + (epoch + 1) + " of the rectifier's training");
      loss.validation()
          .ifPresent(value -> {
            metrics.put("validationLoss", value);
            plateau.next(value);
          });
    }
    return new Progress(done, total(), epoch + 1, how.epochs(), endsEpoch, metrics);
  }

  private void train(int epoch, int step) {
    int[] indices = indices(epoch, step);
    RandomStream augment = context.randomness().stream("augment", epoch, step);
    RandomStream replay = context.randomness().stream("replay", epoch, step);
    ModuleLoss.Parts parts = loss.of(indices, augment, replay);
    Net.Gradient gradient = modules.gradient(Mode.TRAIN, parts::sum);
    if (!Double.isFinite(gradient.value())) {
      throw new Failure(
          "the rectifier's loss is "
              + gradient.value()
              + " in epoch "
              + (epoch + 1)
              + ", step "
              + (step + 1)
              + ": lower the learning rate of the modules.");
    }
    adam.step(modules.weights(), gradient.vector(), plateau.rate(), parts.moved());
    evaluations += indices.length + parts.stored();
    seen += indices.length;
    sums[0] += parts.auxiliary() * indices.length;
    sums[1] += (gradient.value() - parts.auxiliary()) * indices.length;
  }

  private int[] indices(int epoch, int step) {
    int size = context.data().size();
    int[] order = context.randomness().stream("shuffle", epoch).permutation(size);
    int from = step * how.batch();
    return Arrays.copyOfRange(order, from, Math.min(size, from + how.batch()));
  }

  /** The modules, the task's place among the classes, and the samples kept. */
  @Override
  public Memory memory() {
    return kept(settings, context, Modules.kept(context.memory(), modules));
  }

  /** What every way of training leaves in the memory beside the modules. */
  static Memory kept(RfeSettings settings, TaskContext context, Memory memory) {
    Memory kept = TaskColumns.kept(memory.without(RfeLesson.FORMER), context.task());
    return settings.filled(kept, context);
  }

  @Override
  public Tensors state() {
    var state = new Tensors.Builder();
    States.put(state, "modules", modules.state());
    States.put(state, "adam", adam.state());
    state.put("plateau", plateau.state());
    state.put("counts", Tensor.of(new long[] {done, total(), evaluations, seen}, COUNTS));
    state.put("sums", Tensor.of(sums, sums.length));
    return state.build();
  }

  @Override
  public void restore(Tensors state) {
    long[] counts = state.get("counts").longs();
    if (counts.length != COUNTS || counts[1] != total()) {
      throw new Mistake("the saved state belongs to another training of rectifiers.");
    }
    modules.load(States.part(state, "modules"));
    adam.restore(modules.compute(), States.part(state, "adam"));
    plateau.restore(state.get("plateau"));
    done = counts[0];
    evaluations = counts[2];
    seen = counts[3];
    System.arraycopy(state.get("sums").doubles(), 0, sums, 0, sums.length);
  }

  @Override
  public void close() {
    adam.close();
    loss.close();
  }
}
