package dev.palimpsest.methods.learners.rfe;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Adam;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.TaskContext;
import dev.palimpsest.methods.rectifiers.AuxiliaryExtractor;
import dev.palimpsest.methods.rectifiers.Chain;
import dev.palimpsest.methods.rectifiers.Losses;
import dev.palimpsest.tensors.Tensors;
import java.util.List;
import java.util.Optional;

/**
 * End-to-end training: the newest rectifier and its auxiliary extractor learn with the task's own
 * loss, whose gradient passes through them into the network.
 *
 * <p>The published code adds the untrained rectifier of the task itself at the task's end, so it
 * reads the newest task through random weights, and class-incrementally gives NaN; here the chain
 * ends with the last trained one.
 */
final class JointRectifier implements AutoCloseable {
  private final int task;
  private final AuxiliaryExtractor extractor;
  private final Chain chain;
  private final double rate;
  private final Net modules;
  private final Adam adam;
  private Optional<Net.Graph> passes = Optional.empty();

  /** Begins with the rectifier from the context's task to the one before. */
  JointRectifier(RfeSettings settings, TaskContext context) {
    this.task = context.task().number() - 1;
    this.extractor = settings.modules().extractor();
    this.chain = settings.modules().chain();
    this.rate = settings.modules().lr();
    List<Integer> former = List.of(task);
    this.modules =
        new Modules(
                settings.modules(), Classifier.of(context.net()).features(), former, former, false)
            .net(context.net(), context.memory(), context.randomness().within("modules"));
    this.adam = new Adam(Adam.Settings.of(rate));
  }

  /** The distance of the rectified features from the former network's. */
  NDArray loss(NDArray images, NDArray features, NDArray former) {
    Net.Graph graph = modules.graph(Mode.TRAIN);
    passes = Optional.of(graph);
    NDArray aux = extractor.apply(graph.pass(), task, images);
    return Losses.distance(chain.rectified(graph.pass(), task, features, aux), former);
  }

  /** Steps along the gradient of the last loss. */
  void moved() {
    adam.step(modules.weights(), passes.orElseThrow().gradient(), rate);
    passes = Optional.empty();
  }

  Memory kept(Memory memory) {
    return Modules.kept(memory, modules);
  }

  Tensors state() {
    var state = new Tensors.Builder();
    States.put(state, "modules", modules.state());
    States.put(state, "adam", adam.state());
    return state.build();
  }

  void restore(Tensors state) {
    modules.load(States.part(state, "modules"));
    adam.restore(modules.compute(), States.part(state, "adam"));
  }

  @Override
  public void close() {
    adam.close();
    modules.close();
  }
}
