package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Lesson;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Poisoner;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Training;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import java.util.List;

/**
 * Trains a new network: task 1 of sequential backdoor learning, or the conventional baseline that
 * learns mixed and clean part jointly.
 */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class Train implements Stage<Train.Parameters> {
  /** The network and how it is trained. */
  public record Parameters(
      @Param(help = "network", value = "\"resnet-small\"", choose = Kind.NETWORK) Choice network,
      @Param(help = "training") TrainingSettings training,
      @Param(help = "augmentation") AugmentationSettings augmentation) {}

  @Override
  public String name() {
    return "train";
  }

  @Override
  public String summary() {
    return "Trains a new network on data that a poison plan may poison.";
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
        Port.of("data", ArtifactType.DATASET, "samples that the plan may poison"),
        Port.optional("clean", ArtifactType.DATASET, "further samples, never poisoned"),
        Port.optional("plan", ArtifactType.POISON_PLAN, "the poison plan"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the trained network"),
        Port.of("metrics", ArtifactType.METRICS, "loss and training accuracy by epoch"));
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    var data = new DataSet(context.tensors("data"));
    int mayBePoisoned = data.size();
    if (context.has("clean")) {
      data = data.and(new DataSet(context.tensors("clean")));
    }
    Randomness randomness = Randomness.of(context.seed()).within("train");
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        Images images = data.on(compute);
        Poisoner poisoner = poisoner(context, compute, mayBePoisoned);
        Net net = Checkpoint.drawn(parameters.network(), data, compute, randomness);
        Training training =
            Training.of(
                net,
                images,
                parameters.training().recipe(parameters.augmentation().toAugmentation()),
                poisoner,
                Lesson.PLAIN,
                randomness)) {
      List<JsonNode> lines = Course.run(context, training);
      context.write("checkpoint", Checkpoint.of(net, parameters.network(), data));
      context.writeLines("metrics", lines);
    }
  }

  /**
   * What poisons by the input {@code plan}, if there is one.
   *
   * @param images how many, at the head of the training data, the plan is about
   */
  static Poisoner poisoner(StageContext context, Compute compute, int images) {
    if (!context.has("plan")) {
      return Poisoner.NONE;
    }
    PoisonPlan plan = PoisonPlan.of(context.tensors("plan"));
    plan.requireMadeFor(images);
    return Poison.of(plan, Methods.load(), compute, Precision.F32);
  }
}
