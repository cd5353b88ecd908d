package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.attacks.CraftedAttack;
import dev.palimpsest.methods.attacks.Crafting;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensors;
import java.util.List;
import java.util.Map;

/**
 * Plans the poisoning of a data set with a trigger that is made against a trained network; the plan
 * is used as one of stage {@code poison}.
 */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class CraftTrigger implements Stage<PoisonSettings> {
  @Override
  public String name() {
    return "craft-trigger";
  }

  @Override
  public String summary() {
    return "Makes a trigger against a trained network and plans which samples get it.";
  }

  @Override
  public Lane lane() {
    return Lane.GPU;
  }

  @Override
  public Class<PoisonSettings> parameters() {
    return PoisonSettings.class;
  }

  @Override
  public List<Port> inputs() {
    return List.of(
        Port.of("data", ArtifactType.DATASET, "the part that may be poisoned"),
        Port.of("surrogate", ArtifactType.CHECKPOINT, "a network trained on such data"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("plan", ArtifactType.POISON_PLAN, "trigger, samples and target"),
        Port.of("preview", ArtifactType.FIGURE, "clean and poisoned images side by side"),
        Port.of("metrics", ArtifactType.METRICS, "the surrogate's loss by epoch"));
  }

  @Override
  public List<String> taints(PoisonSettings settings) {
    return List.of(settings.taint());
  }

  @Override
  public Map<String, Facts> foresee(PoisonSettings settings, Map<String, Facts> inputs) {
    settings.check(name(), Methods.load(), inputs);
    return Map.of();
  }

  @Override
  public void run(PoisonSettings settings, StageContext context) {
    var methods = Methods.load();
    settings.check(name(), methods, Map.of());
    run((CraftedAttack<?>) settings.method(methods), methods, settings, context);
  }

  private static <P extends Record> void run(
      CraftedAttack<P> attack, Methods methods, PoisonSettings settings, StageContext context) {
    Tensors surrogate = context.tensors("surrogate");
    var data = new DataSet(context.tensors("data"));
    Checkpoint.fits(surrogate, data);
    P parameters = methods.bind(attack, settings.attack());
    PoisonPlan.Aim aim = settings.aim(attack, data);
    Randomness randomness = Randomness.of(context.seed()).within("poison");
    int[] chosen = aim.chosen(randomness);
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        Images images = data.on(compute);
        Net net = Checkpoint.load(surrogate, compute);
        Crafting crafting =
            attack.craft(parameters, net, images, aim, chosen, randomness.within("craft"))) {
      List<JsonNode> lines = Course.run(context, crafting);
      PoisonPlan plan = PoisonPlan.of(attack, parameters, aim, chosen, crafting.crafted());
      context.write("plan", plan.toTensors());
      context.writeFigure("preview", PlanPreview.of(plan, methods, data, compute));
      context.writeLines("metrics", lines);
    }
  }
}
