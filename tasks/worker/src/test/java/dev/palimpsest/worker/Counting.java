package dev.palimpsest.worker;

import dev.palimpsest.base.Json;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts upwards in steps; each step adds the increment. */
final class Counting implements Stage<Counting.Parameters> {
  /** How far. */
  record Parameters(
      @Param(help = "steps", value = "3", min = 1, max = 1000) int steps,
      @Param(help = "what a step adds", value = "1") double increment) {}

  final AtomicInteger runs = new AtomicInteger();
  final AtomicInteger steps = new AtomicInteger();
  volatile int failAt = -1;
  volatile int interruptAt = -1;
  volatile Runnable interruption = () -> {};

  @Override
  public String name() {
    return "counting";
  }

  @Override
  public String summary() {
    return "Adds up.";
  }

  @Override
  public Lane lane() {
    return Lane.CPU;
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public List<Port> inputs() {
    return List.of(
        Port.of("start", ArtifactType.CHECKPOINT, "where to start"),
        Port.optional("plan", ArtifactType.POISON_PLAN, "taints the result"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("sum", ArtifactType.CHECKPOINT, "the sum"),
        Port.of("note", ArtifactType.RESULT, "the sum in words"));
  }

  @Override
  public List<String> taints(Parameters parameters) {
    return List.of("counted");
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    runs.incrementAndGet();
    double sum = context.tensors("start").get("value").doubles()[0];
    int done = 0;
    if (context.restored().isPresent()) {
      sum = context.restored().get().get("value").doubles()[0];
      done = (int) context.restored().get().get("done").longs()[0];
    }
    while (done < parameters.steps()) {
      if (done == failAt) {
        throw new IllegalStateException("lost the thread");
      }
      if (done == interruptAt) {
        interruptAt = -1;
        interruption.run();
      }
      sum += parameters.increment();
      done++;
      steps.incrementAndGet();
      double value = sum;
      int at = done;
      context.checkpoint(
          new StageContext.StateSource(
              done,
              () ->
                  new Tensors.Builder()
                      .put("value", Tensor.of(new double[] {value}, 1))
                      .put("done", Tensor.of(new long[] {at}, 1))
                      .build()));
    }
    context.write(
        "sum", new Tensors.Builder().put("value", Tensor.of(new double[] {sum}, 1)).build());
    context.write("note", Json.object().put("sum", sum));
  }
}
