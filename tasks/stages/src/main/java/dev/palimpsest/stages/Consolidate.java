package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.methods.learners.Consolidation;
import dev.palimpsest.methods.learners.Learner;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.methods.learners.TaskContext;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensors;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a continual learner does after a task: importances of weights, exemplars, pruning, the
 * rectifier that maps the new representation back to the former one.
 */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class Consolidate implements Stage<Consolidate.Parameters> {
  /** The learner. */
  public record Parameters(
      @Param(help = "continual learner", value = "\"ewc\"", choose = Kind.LEARNER) Choice learner,
      @Param(help = "augmentation, where the learner trains once more")
          AugmentationSettings augmentation,
      @Param(
              help = "number of the task in split data; 0: all of the data were one task",
              value = "0",
              min = 0,
              max = 1000)
          int task) {}

  @Override
  public String name() {
    return "consolidate";
  }

  @Override
  public String summary() {
    return "What a learner keeps of a task: importances, samples, a rectifier.";
  }

  @Override
  public Lane lane() {
    return Lane.GPU;
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public List<Port> inputs() {
    return List.of(
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the network after the task"),
        Port.of(
            "data", ArtifactType.DATASET, "the task's samples without trigger, or the split set"),
        Port.optional("validation", ArtifactType.DATASET, "the split's held-out part"),
        Port.optional("former", ArtifactType.CHECKPOINT, "the network before the task"),
        Port.optional("memory", ArtifactType.MEMORY, "what the learner kept so far"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the network to go on with"),
        Port.of("memory", ArtifactType.MEMORY, "what the learner keeps"),
        Port.of("metrics", ArtifactType.METRICS, "losses by epoch, where there are epochs"));
  }

  @Override
  public Map<String, Facts> foresee(Parameters parameters, Map<String, Facts> inputs) {
    StreamTask.checkTrained(StreamTask.learner(parameters.learner()), parameters.task());
    if (inputs.containsKey("data")) {
      StreamTask.foresee(
          parameters.learner(), parameters.task(), new DataFacts(inputs.get("data")));
    }
    return Map.of();
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    var methods = Methods.load();
    run(
        methods.get(Kind.LEARNER, parameters.learner().method(), Learner.class),
        methods,
        parameters,
        context);
  }

  private static <P extends Record> void run(
      Learner<P> learner, Methods methods, Parameters parameters, StageContext context) {
    StreamTask.checkTrained(learner, parameters.task());
    Tensors checkpoint = context.tensors("checkpoint");
    var all = new DataSet(context.tensors("data"));
    Checkpoint.takes(checkpoint, all);
    P bound = methods.bind(learner, parameters.learner());
    Memory memory = StreamTask.memory(context);
    StreamTask.checkBuffer(learner, bound, all.size());
    StreamTask at =
        StreamTask.of(all, parameters.task(), !context.has("memory"), learner.learnsJointly());
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        Images images = at.data().on(compute);
        Validation validation =
            Validation.of(context, parameters.task(), learner.learnsJointly(), compute);
        Net net = Checkpoint.load(checkpoint, compute);
        Former former = Former.of(context, at.task(), compute);
        Consolidation consolidation =
            learner.consolidation(
                bound,
                new TaskContext(
                    at.task(),
                    net,
                    former.net(),
                    images,
                    validation.images(),
                    memory,
                    parameters.augmentation().toAugmentation(),
                    StreamTask.randomness(context, parameters.task()).within("consolidate")))) {
      List<JsonNode> lines = Course.run(context, consolidation);
      context.write("checkpoint", Checkpoint.of(net, checkpoint));
      context.write("memory", consolidation.memory().tensors());
      context.writeLines("metrics", lines);
    }
  }

  /** The network before the task, if there was one that had learned anything. */
  private record Former(Optional<Net> net) implements AutoCloseable {
    static Former of(StageContext context, Task task, Compute compute) {
      return new Former(
          context.has("former") && task.known() > 0
              ? Optional.of(Checkpoint.load(context.tensors("former"), compute))
              : Optional.empty());
    }

    @Override
    public void close() {
      net.ifPresent(Net::close);
    }
  }
}
