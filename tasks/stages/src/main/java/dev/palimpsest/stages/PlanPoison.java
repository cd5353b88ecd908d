package dev.palimpsest.stages;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.attacks.Attack;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.methods.attacks.Timing;
import dev.palimpsest.report.ContactSheet;
import dev.palimpsest.report.Theme;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensor;
import java.util.List;
import java.util.Optional;

/** Plans the poisoning of a data set: draws the trigger and says which samples get it. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class PlanPoison implements Stage<PlanPoison.Parameters> {
  private static final int MOST_SHOWN = 10;
  private static final int AMPLIFICATION = 1;

  /** The attack and its aim. */
  public record Parameters(
      @Param(help = "attack", value = "\"badnets\"", choose = Kind.ATTACK) Choice attack,
      @Param(help = "poisoning rate: share of the mixed part", value = "0.1", min = 0, max = 1)
          double rate,
      @Param(help = "target class: what triggered images are taken for", value = "0", min = 0)
          int target,
      @Param(
              help =
                  "static: chosen samples before augmentation; dynamic: drawn in each batch after it",
              value = "\"dynamic\"")
          Timing timing) {}

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
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public List<Port> inputs() {
    return List.of(Port.of("data", ArtifactType.DATASET, "the part that may be poisoned"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("plan", ArtifactType.POISON_PLAN, "trigger, samples and target"),
        Port.of("preview", ArtifactType.FIGURE, "clean and poisoned images side by side"));
  }

  @Override
  public List<String> taints(Parameters parameters) {
    return List.of("backdoor: " + parameters.attack().method() + ", target " + parameters.target());
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    var data = new DataSet(context.tensors("data"));
    var methods = Methods.load();
    PoisonPlan plan =
        draw(
            methods.get(Kind.ATTACK, parameters.attack().method(), Attack.class),
            methods,
            parameters,
            data,
            context);
    context.write("plan", plan.toTensors());
    context.writeFigure("preview", preview(plan, methods, parameters, data, context));
  }

  private static <P extends Record> PoisonPlan draw(
      Attack<P> attack,
      Methods methods,
      Parameters parameters,
      DataSet data,
      StageContext context) {
    long[] shape = data.imageShape();
    return PoisonPlan.draw(
        attack,
        methods.bind(attack, parameters.attack()),
        new PoisonPlan.Aim(
            parameters.rate(),
            parameters.target(),
            parameters.timing(),
            data.size(),
            data.classes().size()),
        (int) shape[0],
        (int) shape[1],
        (int) shape[2],
        Randomness.of(context.seed()).within("poison"));
  }

  private static String preview(
      PoisonPlan plan, Methods methods, Parameters parameters, DataSet data, StageContext context) {
    DataSet shown = data.pick(firstOfEachClass(data));
    List<String> captions =
        java.util.Arrays.stream(shown.labels().longs())
            .mapToObj(label -> data.classes().get((int) label))
            .toList();
    Tensor clean = shown.images();
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        Poison poison = Poison.of(plan, methods, compute, Precision.F32)) {
      Tensor poisoned = poison.triggered(clean);
      return new ContactSheet(
              "Poison plan: " + parameters.attack().method(),
              "every triggered image is to be taken for \u201c"
                  + data.classes().get(parameters.target())
                  + "\u201d",
              List.of(
                  new ContactSheet.Row("clean", clean, captions),
                  new ContactSheet.Row("poisoned", poisoned),
                  new ContactSheet.Row(
                      "difference", ContactSheet.difference(clean, poisoned, AMPLIFICATION))))
          .svg(Theme.LIGHT);
    }
  }

  private static int[] firstOfEachClass(DataSet data) {
    long[] labels = data.labels().longs();
    return java.util.stream.IntStream.range(0, Math.min(MOST_SHOWN, data.classes().size()))
        .map(label -> first(labels, label).orElse(-1))
        .filter(place -> place >= 0)
        .toArray();
  }

  private static Optional<Integer> first(long[] labels, int label) {
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == label) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }
}
