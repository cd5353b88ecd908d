package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Penalty;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.learners.Learner;
import dev.palimpsest.methods.learners.Past;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensors;
import java.util.List;
import java.util.Optional;

/** Goes on training a network on a further task with a continual learner: task 2 of SBL. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class ContinualLearning implements Stage<ContinualLearning.Parameters> {
  /** The learner and how it trains. */
  public record Parameters(
      @Param(help = "continual learner", value = "\"ewc\"", choose = Kind.LEARNER) Choice learner,
      @Param(help = "training") TrainingSettings training,
      @Param(help = "augmentation") AugmentationSettings augmentation) {}

  @Override
  public String name() {
    return "continual";
  }

  @Override
  public String summary() {
    return "Trains a network on a further task without forgetting the former one.";
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
        Port.of("data", ArtifactType.DATASET, "the new task's samples"),
        Port.optional("fisher", ArtifactType.FISHER, "what the former task holds on to"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the network after the new task"),
        Port.of("metrics", ArtifactType.METRICS, "loss and training accuracy by epoch"));
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
    var data = new DataSet(context.tensors("data"));
    Checkpoint.fits(checkpoint, data);
    if (learner.needsFisher() && !context.has("fisher")) {
      throw new Mistake(
          "learner '"
              + learner.name()
              + "' needs the input 'fisher'; expected a fisher stage before.");
    }
    P bound = methods.bind(learner, parameters.learner());
    var past =
        new Past(
            checkpoint,
            context.has("fisher") ? Optional.of(context.tensors("fisher")) : Optional.empty());
    learner.warning(bound, past, parameters.training().sgd()).ifPresent(context::note);
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        Images images = data.on(compute);
        Net net = Checkpoint.load(checkpoint, compute);
        Penalty penalty = learner.penalty(bound, past, net);
        Training training =
            Training.of(
                net,
                images,
                parameters.training().recipe(parameters.augmentation().toAugmentation()),
                Poisoner.NONE,
                penalty,
                Randomness.of(context.seed()).within("continual"))) {
      List<JsonNode> lines = Course.run(context, training);
      context.write("checkpoint", Checkpoint.of(net, checkpoint));
      context.writeLines("metrics", lines);
    }
  }
}
