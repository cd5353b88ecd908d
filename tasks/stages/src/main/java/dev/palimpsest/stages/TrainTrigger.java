package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.attacks.CoTrainedAttack;
import dev.palimpsest.methods.attacks.Crafting;
import dev.palimpsest.methods.attacks.Labelling;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.methods.attacks.Timing;
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
import java.util.List;
import java.util.Map;

/**
 * Trains a new network together with the trigger that it learns: stages {@code poison} and {@code
 * train} in one. Others can be trained with the plan later.
 */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class TrainTrigger implements Stage<TrainTrigger.Parameters> {
  /** The attack and its aim, the network and how it is trained. */
  public record Parameters(
      @Param(help = "attack", value = "\"input-aware\"", choose = Kind.ATTACK) Choice attack,
      @Param(help = "poisoning rate: share of each batch", value = "0.1", min = 0, max = 1)
          double rate,
      @Param(
              help = "target class: what triggered images are taken for; none with all-to-all",
              value = "0",
              min = 0)
          int target,
      @Param(
              help =
                  "all-to-one: poisoned samples get the target's label; all-to-all: that of the"
                      + " next class",
              value = "\"as-published\"")
          Labelling labels,
      @Param(help = "network", value = "\"resnet-small\"", choose = Kind.NETWORK) Choice network,
      @Param(help = "training") TrainingSettings training,
      @Param(help = "augmentation") AugmentationSettings augmentation) {
    PoisonSettings poisoning() {
      return new PoisonSettings(attack, rate, target, Timing.DYNAMIC, labels);
    }
  }

  @Override
  public String name() {
    return "train-trigger";
  }

  @Override
  public String summary() {
    return "Trains a new network together with the trigger that is put into it.";
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
    return List.of(Port.of("data", ArtifactType.DATASET, "samples that may be poisoned"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the trained network"),
        Port.of("plan", ArtifactType.POISON_PLAN, "trigger and target"),
        Port.of("preview", ArtifactType.FIGURE, "clean and poisoned images side by side"),
        Port.of("metrics", ArtifactType.METRICS, "losses and training accuracy by epoch"));
  }

  @Override
  public List<String> taints(Parameters parameters) {
    return List.of(parameters.poisoning().taint());
  }

  @Override
  public Map<String, Facts> foresee(Parameters parameters, Map<String, Facts> inputs) {
    parameters.poisoning().check(name(), Methods.load(), inputs);
    return Map.of();
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    var methods = Methods.load();
    parameters.poisoning().check(name(), methods, Map.of());
    run((CoTrainedAttack<?>) parameters.poisoning().method(methods), methods, parameters, context);
  }

  private static <P extends Record> void run(
      CoTrainedAttack<P> attack, Methods methods, Parameters parameters, StageContext context) {
    PoisonSettings settings = parameters.poisoning();
    var data = new DataSet(context.tensors("data"));
    P bound = methods.bind(attack, settings.attack());
    PoisonPlan.Aim aim = settings.aim(attack, data);
    Randomness randomness = Randomness.of(context.seed()).within("train");
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        Images images = data.on(compute);
        Net net = Checkpoint.drawn(parameters.network(), data, compute, randomness);
        Crafting crafting =
            attack.train(
                bound,
                net,
                images,
                parameters.training().recipe(parameters.augmentation().toAugmentation()),
                aim,
                randomness)) {
      List<JsonNode> lines = Course.run(context, crafting);
      PoisonPlan plan = PoisonPlan.of(attack, bound, aim, new int[0], crafting.crafted());
      context.write("checkpoint", Checkpoint.of(net, parameters.network(), data));
      context.write("plan", plan.toTensors());
      context.writeFigure("preview", PlanPreview.of(plan, methods, data, compute));
      context.writeLines("metrics", lines);
    }
  }
}
