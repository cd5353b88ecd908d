package dev.palimpsest.stages;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.attacks.Attack;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plans the poisoning of a data set: draws the trigger and says which samples get it. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class PlanPoison implements Stage<PoisonSettings> {
  @Override
  public String name() {
    return "poison";
  }

  @Override
  public String summary() {
    return "Draws a trigger and plans which samples get it; the plan taints what is made with it.";
  }

  @Override
  public Lane lane() {
    return Lane.CPU;
  }

  @Override
  public Class<PoisonSettings> parameters() {
    return PoisonSettings.class;
  }

  @Override
  public List<Port> inputs() {
    return List.of(
        Port.of("data", ArtifactType.DATASET, "the part that may be poisoned"),
        Port.optional(
            "picture", ArtifactType.DATASET, "its first image is the trigger, resized bilinearly"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("plan", ArtifactType.POISON_PLAN, "trigger, samples and target"),
        Port.of("preview", ArtifactType.FIGURE, "clean and poisoned images side by side"));
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
    var data = new DataSet(context.tensors("data"));
    var methods = Methods.load();
    settings.check(name(), methods, Map.of());
    PoisonPlan plan = draw(settings.method(methods), methods, settings, data, context);
    context.write("plan", plan.toTensors());
    try (Compute compute = Compute.open(context.device(), context.numerics().threads())) {
      context.writeFigure("preview", PlanPreview.of(plan, methods, data, compute));
    }
  }

  private static <P extends Record> PoisonPlan draw(
      Attack<P> attack,
      Methods methods,
      PoisonSettings settings,
      DataSet data,
      StageContext context) {
    long[] shape = data.imageShape();
    return PoisonPlan.draw(
        attack,
        methods.bind(attack, settings.attack()),
        settings.aim(attack, data),
        picture(context),
        (int) shape[0],
        (int) shape[1],
        (int) shape[2],
        Randomness.of(context.seed()).within("poison"));
  }

  private static Optional<Tensor> picture(StageContext context) {
    if (!context.has("picture")) {
      return Optional.empty();
    }
    DataSet first = new DataSet(context.tensors("picture")).pick(new int[] {0});
    return Optional.of(Tensor.of(first.images().bytes(), first.imageShape()));
  }
}
