package dev.palimpsest.worker;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes one word. */
final class Word implements Stage<Word.Parameters> {
  /** The word. */
  record Parameters(@Param(help = "the word", value = "\"yes\"") String word) {}

  final CountDownLatch entered = new CountDownLatch(1);
  final AtomicInteger runs = new AtomicInteger();
  volatile CountDownLatch gate = new CountDownLatch(0);
  volatile boolean saving;
  volatile List<StageContext.Progress> reports = List.of();

  @Override
  public String name() {
    return "word";
  }

  @Override
  public String summary() {
    return "Writes a word.";
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
    return List.of();
  }

  @Override
  public List<Port> outputs() {
    return List.of(Port.of("word", ArtifactType.RESULT, "the word"));
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    runs.incrementAndGet();
    reports.forEach(context::report);
    entered.countDown();
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (saving) {
      context.checkpoint(
          new StageContext.StateSource(
              1, () -> new Tensors.Builder().put("x", Tensor.of(new long[] {1}, 1)).build()));
    }
    context.write("word", Json.object().put("word", parameters.word()));
  }

  /** The task of writing the word that is the default. */
  static TaskSource.Task task(String id) {
    ObjectNode input = Json.object();
    input.set("parameters", Json.object());
    input.set("inputs", Json.object());
    input.put("seed", 1);
    return new TaskSource.Task(id, "run", "say", "word", input, 1);
  }
}
