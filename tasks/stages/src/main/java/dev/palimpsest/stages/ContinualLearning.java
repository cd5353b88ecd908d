package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.learners.Learner;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.TaskContext;
import dev.palimpsest.methods.learners.TaskLesson;
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
 * Trains a network on the next task with a continual learner: a turn of a stream of tasks, or task
 * 2 of SBL.
 */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class ContinualLearning implements Stage<ContinualLearning.Parameters> {
  /** The learner and how it trains. */
  public record Parameters(
      @Param(help = "continual learner", value = "\"ewc\"", choose = Kind.LEARNER) Choice learner,
      @Param(help = "training") TrainingSettings training,
      @Param(help = "augmentation") AugmentationSettings augmentation,
      @Param(
              help = "number of the task in split data; 0: all of the data are one further task",
              value = "0",
              min = 0,
              max = 1000)
          int task,
      @Param(
              help = "fixed: the classifier has all classes from the start; growing: those so far",
              value = "\"fixed\"")
          Heads heads) {}

  @Override
  public String name() {
    return "continual";
  }

  @Override
  public String summary() {
    return "Trains a network on the next task without forgetting the former ones.";
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
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the network after the former task"),
        Port.of("data", ArtifactType.DATASET, "the new task's samples, or the split data set"),
        Port.optional("validation", ArtifactType.DATASET, "the split's held-out part"),
        Port.optional("memory", ArtifactType.MEMORY, "what the learner kept of former tasks"),
        Port.optional(
            "plan", ArtifactType.POISON_PLAN, "poisons the new task, where that is last"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the network after the new task"),
        Port.of("memory", ArtifactType.MEMORY, "what the learner keeps"),
        Port.of("metrics", ArtifactType.METRICS, "loss and training accuracy by epoch"));
  }

  @Override
  public Map<String, Facts> foresee(Parameters parameters, Map<String, Facts> inputs) {
    parameters.heads().check(StreamTask.learner(parameters.learner()));
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
    Tensors checkpoint = context.tensors("checkpoint");
    var all = new DataSet(context.tensors("data"));
    P bound = methods.bind(learner, parameters.learner());
    StreamTask at = StreamTask.of(all, parameters.task(), false, learner.learnsJointly());
    Memory memory = StreamTask.memory(context);
    StreamTask.checkMemory(learner, at.task(), memory);
    StreamTask.checkBuffer(learner, bound, all.size());
    parameters
        .training()
        .warning(sgd -> learner.warning(bound, memory, sgd))
        .ifPresent(context::note);
    Randomness randomness = StreamTask.randomness(context, parameters.task());
    var augmentation = parameters.augmentation().toAugmentation();
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        Images images = at.data().on(compute);
        Validation validation =
            Validation.of(context, parameters.task(), learner.learnsJointly(), compute);
        Poisoner poisoner = Train.poisoner(context, compute, at.data().size());
        Net net =
            parameters.heads().open(learner, checkpoint, all, at.task(), compute, randomness);
        TaskLesson lesson =
            learner.lesson(
                bound,
                new TaskContext(
                    at.task(),
                    net,
                    Optional.empty(),
                    images,
                    validation.images(),
                    memory,
                    augmentation,
                    randomness));
        Training training =
            Training.of(
                net,
                images,
                parameters.training().recipe(augmentation),
                poisoner,
                lesson,
                randomness,
                validation.loss(net, at.task()))) {
      List<JsonNode> lines = Course.run(context, training);
      context.write(
          "checkpoint",
          Checkpoint.of(net, checkpoint, parameters.heads().classes(checkpoint, at.task())));
      context.write("memory", lesson.memory().tensors());
      context.writeLines("metrics", lines);
    }
  }
}
