package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.engine.RandomStream;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;

/** A small network with a backdoor, made by the stages that make one. */
final class BackdooredNetwork {
  static final int CLASSES = 4;
  static final int IMAGES = 80;
  static final long SEED = 7;

  private static final int SIDE = 8;

  private final Tensors plan;
  private final Tensors checkpoint;

  private BackdooredNetwork(Tensors plan, Tensors checkpoint) {
    this.plan = plan;
    this.checkpoint = checkpoint;
  }

  /** Trains one for a second or two. */
  static BackdooredNetwork trained() {
    MemoryContext planned =
        run(
            new PlanPoison(),
            "{'attack': {'method': 'badnets', 'size': 2}, 'rate': 0.3, 'target': 0}",
            new MemoryContext(SEED).with("data", images(1)));
    Tensors plan = planned.written("plan");
    return new BackdooredNetwork(
        plan, train(new MemoryContext(SEED).with("data", images(1)).with("plan", plan)));
  }

  /** A network that was trained alike and never saw the trigger. */
  static Tensors clean() {
    return train(new MemoryContext(SEED).with("data", images(1)));
  }

  private static Tensors train(MemoryContext context) {
    return run(
            new Train(),
            "{'training': {'epochs': 25, 'lr': 0.01, 'batch': 20, 'optimiser': 'adam',"
                + " 'weightDecay': 0}, 'augmentation': {'padding': 0, 'flip': false}}",
            context)
        .written("checkpoint");
  }

  Tensors plan() {
    return plan;
  }

  Tensors checkpoint() {
    return checkpoint;
  }

  /** The network, test images and the plan. */
  MemoryContext context() {
    return new MemoryContext(SEED)
        .with("checkpoint", checkpoint)
        .with("test", images(2))
        .with("plan", plan);
  }

  /** The brightest quarter of an image is its class. */
  static Tensors images(long seed) {
    RandomStream stream = Randomness.of(seed).stream("images");
    byte[] bytes = new byte[IMAGES * 3 * SIDE * SIDE];
    long[] labels = new long[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = i % CLASSES;
      for (int j = 0; j < 3 * SIDE * SIDE; j++) {
        int pixel = j % (SIDE * SIDE);
        int quarter = pixel / SIDE / (SIDE / 2) * 2 + pixel % SIDE / (SIDE / 2);
        bytes[i * 3 * SIDE * SIDE + j] =
            (byte) ((quarter == labels[i] ? 120 : 20) + stream.below(40));
      }
    }
    return new Tensors.Builder()
        .put("images", Tensor.of(bytes, IMAGES, 3, SIDE, SIDE))
        .put("labels", Tensor.of(labels, IMAGES))
        .text("name", "quarters")
        .text("classes", "[\"upper left\",\"upper right\",\"lower left\",\"lower right\"]")
        .build();
  }

  /** Runs a stage with parameters written with single quotes. */
  static <P extends Record> MemoryContext run(
      Stage<P> stage, String parameters, MemoryContext context) {
    stage.run(
        new Parameters(Methods.load())
            .bind(
                stage.name(),
                stage.parameters(),
                Json.read("the parameters", parameters.replace('\'', '"'), ObjectNode.class)),
        context);
    return context;
  }
}
