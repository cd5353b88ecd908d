package dev.palimpsest.methods.learners.rfe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Pass;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.learners.Buffer;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.Replay;
import dev.palimpsest.methods.learners.TaskContext;
import dev.palimpsest.methods.rectifiers.AuxiliaryExtractor;
import dev.palimpsest.methods.rectifiers.Chain;
import dev.palimpsest.methods.rectifiers.Losses;
import dev.palimpsest.methods.rectifiers.Path;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What the modules of task t are trained towards: the adapter's map of a_t(x) and f_t(x); from the
 * second task on R_{t-1}(f_t(x), a_{t-1}(x)) and f_{t-1}(x). Only the modules have gradients, and
 * of the auxiliary extractors only that of task t.
 *
 * <p>On the direct path every old task k < t-1 has its map from f_t, too, towards what its former
 * map made of f_{t-1}.
 */
final class ModuleLoss implements AutoCloseable {
  private static final int PIECE = 256;

  private final RfeSettings family;
  private final ModuleSettings settings;
  private final TaskContext context;
  private final int task;
  private final int features;
  private final Chain chain;
  private final AuxiliaryExtractor extractor;
  private final Optional<Net> former;
  private final Optional<Buffer> stored;
  private final Optional<Images> storedImages;
  private final Net modules;
  private final Optional<Net> formerMaps;
  private final Optional<Known> training;
  private final Optional<Known> replayed;
  private final Optional<Known> validation;

  ModuleLoss(RfeSettings settings, TaskContext context) {
    this.family = settings;
    this.settings = settings.modules();
    this.context = context;
    this.task = context.task().number();
    this.features = Classifier.of(context.net()).features();
    this.chain = settings.modules().chain();
    this.extractor = settings.modules().extractor();
    this.former = former(context);
    Memory memory = context.memory();
    this.stored = task > 1 ? settings.held(context) : Optional.empty();
    this.storedImages = once() ? stored.map(this::images) : Optional.empty();
    boolean all = direct() || (stored.isPresent() && !settings.lastTaskOnly());
    int oldest = all ? 1 : Math.max(1, task - 1);
    this.modules =
        modules(oldest, task, true)
            .net(context.net(), memory, context.randomness().within("modules"));
    this.formerMaps =
        direct() && task > 2
            ? Optional.of(
                modules(1, task - 1, false).net(context.net(), memory, context.randomness()))
            : Optional.empty();
    this.training = once() ? Optional.of(new Known(context.data(), former)) : Optional.empty();
    this.replayed = storedImages.map(images -> new Known(images, Optional.empty()));
    this.validation = context.validation().map(images -> new Known(images, former));
  }

  /** The network before the task, with its running statistics drifted if they did. */
  private static Optional<Net> former(TaskContext context) {
    if (context.task().number() == 1) {
      return Optional.empty();
    }
    Net former =
        context
            .former()
            .orElseThrow(() ->
                new Mistake(
                    "the rectifier needs the network before the task; expected it as the input"
                        + " 'former'."));
    Net twin = former.twin();
    Drift.restore(twin, context.memory().part(RfeLesson.FORMER));
    return Optional.of(twin);
  }

  private Modules modules(int oldest, int newest, boolean adapter) {
    return new Modules(
        settings,
        features,
        IntStream.rangeClosed(oldest, newest).boxed().toList(),
        IntStream.range(oldest, newest).boxed().toList(),
        adapter);
  }

  private boolean direct() {
    return settings.path() == Path.DIRECT;
  }

  private boolean once() {
    return settings.features() == Features.ONCE;
  }

  /** The network of the modules; closed with this. */
  Net modules() {
    return modules;
  }

  /** What is known of a batch: images, f_t and, from the second task on, f_{t-1} of them. */
  private record Inputs(NDArray images, NDArray now, Optional<NDArray> before) {}

  /** Images as they are, with features that are computed once. */
  private final class Known implements AutoCloseable {
    private final Images images;
    private final FrozenFeatures now;
    private final Optional<FrozenFeatures> before;

    Known(Images images, Optional<Net> former) {
      this.images = images;
      this.now = new FrozenFeatures(context.net(), images);
      this.before = former.map(net -> new FrozenFeatures(net, images));
    }

    int pieces() {
      return FrozenFeatures.pieces(images);
    }

    void prepare(int pieces) {
      now.compute(Math.min(pieces, pieces()));
      before.ifPresent(each -> each.compute(Math.min(pieces, pieces())));
    }

    Inputs of(int... indices) {
      return new Inputs(
          images.batch(context.net().precision(), indices).images(),
          now.rows(indices),
          before.map(each -> each.rows(indices)));
    }

    @Override
    public void close() {
      now.close();
      before.ifPresent(FrozenFeatures::close);
    }
  }

  /** How many pieces of features are computed before the first step. */
  int pieces() {
    return Math.max(training.map(Known::pieces).orElse(0), replayed.map(Known::pieces).orElse(0));
  }

  /** Computes what is missing of the first {@code pieces}. */
  void prepare(int pieces) {
    training.ifPresent(known -> known.prepare(pieces));
    replayed.ifPresent(known -> known.prepare(pieces));
  }

  /** The loss of a batch, and of as many stored samples. */
  Parts of(int[] indices, RandomStream augment, RandomStream replay) {
    Inputs inputs =
        training
            .map(known -> known.of(indices))
            .orElseGet(() -> asked(augmented(batch(indices), augment), former));
    return new Parts(inputs, stored.map(buffer -> drawn(buffer, augment, replay)));
  }

  private Replayed drawn(Buffer buffer, RandomStream augment, RandomStream random) {
    int[] places = buffer.drawn(family.buffer().orElseThrow().batch(), random);
    Replay samples = buffer.at(context.net(), places);
    Inputs inputs =
        replayed
            .map(known -> known.of(places))
            .orElseGet(() -> asked(augmented(samples.batch().images(), augment), Optional.empty()));
    int[] tasks = Arrays.stream(samples.tasks()).mapToInt(Math::toIntExact).toArray();
    return new Replayed(inputs, samples.features(), tasks);
  }

  /** The images of a buffer in their places, on the device. */
  private Images images(Buffer buffer) {
    Tensors kept = buffer.state();
    int classes = 1 + (int) Arrays.stream(kept.get("labels").longs()).max().orElseThrow();
    return Images.of(context.net().compute(), kept.get("images"), kept.get("labels"), classes);
  }

  private NDArray batch(int[] indices) {
    return context.data().batch(context.net().precision(), indices).images();
  }

  private NDArray augmented(NDArray images, RandomStream random) {
    return context.augmentation().apply(images, random);
  }

  private Inputs asked(NDArray images, Optional<Net> before) {
    return new Inputs(
        images,
        context.net().forward(Mode.EVAL, images).embedding(),
        before.map(net -> net.forward(Mode.EVAL, images).embedding()));
  }

  /** Stored samples, the features stored with them, and what is known of them now. */
  private record Replayed(Inputs inputs, NDArray features, int[] tasks) {}

  /** The loss of one step. */
  final class Parts {
    private final Inputs inputs;
    private final Optional<Replayed> replay;
    private double auxiliary;

    private Parts(Inputs inputs, Optional<Replayed> replay) {
      this.inputs = inputs;
      this.replay = replay;
    }

    NDArray sum(Net.Graph graph) {
      NDArray own = auxiliaryLoss(graph.pass(), inputs);
      auxiliary = value(own);
      NDArray sum = own.add(rectifierLoss(graph.pass(), inputs));
      if (replay.isPresent()) {
        Inputs drawn = replay.get().inputs();
        sum =
            sum.add(
                Losses.recalled(
                    chain,
                    graph.pass(),
                    task - 1,
                    drawn.now(),
                    frozen(graph.pass(), drawn.images()),
                    replay.get().features(),
                    replay.get().tasks()));
      }
      return sum;
    }

    /** The auxiliary extractor's part of the last sum. */
    double auxiliary() {
      return auxiliary;
    }

    /** How many stored samples take part. */
    int stored() {
      return replay.map(each -> each.tasks().length).orElse(0);
    }

    /** The modules that the loss reaches. */
    Set<String> moved() {
      var moved = new TreeSet<String>();
      moved.add(Modules.AUX + "." + task);
      moved.add(Modules.ADAPTER);
      int oldest = direct() ? 1 : task - 1;
      if (replay.isPresent()) {
        int[] tasks = replay.get().tasks();
        oldest = Math.min(oldest, Arrays.stream(tasks).min().orElseThrow());
      }
      for (int k = Math.max(1, oldest); k < task; k++) {
        moved.add(Modules.RECTIFIER + "." + k);
      }
      return moved;
    }
  }

  private NDArray auxiliaryLoss(Pass pass, Inputs inputs) {
    NDArray aux = extractor.apply(pass, task, inputs.images());
    return Losses.distance(pass.linear(Modules.ADAPTER, aux, features), inputs.now());
  }

  private NDArray rectifierLoss(Pass pass, Inputs inputs) {
    NDArray sum = inputs.now().getManager().create(0.0).toType(inputs.now().getDataType(), false);
    IntFunction<NDArray> aux = frozen(pass, inputs.images());
    for (int k = direct() ? 1 : Math.max(1, task - 1); k < task; k++) {
      NDArray said = aux.apply(k);
      NDArray target = target(k, inputs.before().orElseThrow(), said);
      sum = sum.add(Losses.distance(chain.rectified(pass, k, inputs.now(), said), target));
    }
    return sum;
  }

  private NDArray target(int k, NDArray before, NDArray aux) {
    return k == task - 1
        ? before
        : formerMaps.orElseThrow().pass(Mode.EVAL, pass -> chain.rectified(pass, k, before, aux));
  }

  private IntFunction<NDArray> frozen(Pass pass, NDArray images) {
    return k -> Ops.detached(extractor.apply(pass, k, images));
  }

  /** The mean loss over the validation images, if there are any; stored samples take no part. */
  OptionalDouble validation() {
    if (validation.isEmpty()) {
      return OptionalDouble.empty();
    }
    Known known = validation.get();
    known.prepare(known.pieces());
    int size = known.images.size();
    double sum = 0;
    for (int from = 0; from < size; from += PIECE) {
      int[] indices = IntStream.range(from, Math.min(size, from + PIECE)).toArray();
      try (Scope scope = Scope.open()) {
        Inputs inputs = known.of(indices);
        NDArray loss =
            modules.pass(
                Mode.EVAL, pass -> auxiliaryLoss(pass, inputs).add(rectifierLoss(pass, inputs)));
        sum += value(loss) * indices.length;
      }
    }
    return OptionalDouble.of(sum / size);
  }

  private static double value(NDArray scalar) {
    return scalar.toType(DataType.FLOAT64, false).getDouble();
  }

  @Override
  public void close() {
    Stream.of(training, replayed, validation).flatMap(Optional::stream).forEach(Known::close);
    Stream.of(former, formerMaps).flatMap(Optional::stream).forEach(Net::close);
    storedImages.ifPresent(Images::close);
    modules.close();
  }
}
