package dev.palimpsest.stages;

import com.fasterxml.jackson.annotation.JsonValue;
import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.methods.detectors.Detection;
import dev.palimpsest.methods.detectors.Detector;
import dev.palimpsest.methods.detectors.Finding;
import dev.palimpsest.methods.detectors.SuspectImages;
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
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Looks for a backdoor in a network, or for poisoned images among suspect ones. The poison plan
 * makes the suspects and tells the truth that scores are held against; the detector does not see
 * it.
 */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class Detect implements Stage<Detect.Parameters> {
  /** The detector and what the suspects are. */
  public record Parameters(
      @Param(help = "detector", value = "\"neural-cleanse\"", choose = Kind.DETECTOR)
          Choice detector,
      @Param(
              help =
                  "what the plan makes of the images 'suspects': training (poisoned as in training, with the labels that come with it), inputs (a share carries the trigger, labels are the network's predictions)",
              value = "\"training\"")
          Suspects suspects,
      @Param(
              help = "probability that an image carries the trigger, where suspects are inputs",
              value = "0.5",
              min = 0,
              max = 1)
          double share) {}

  /** What the plan makes of suspect images. */
  public enum Suspects {
    TRAINING,
    INPUTS;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public String name() {
    return "detect";
  }

  @Override
  public String summary() {
    return "Scores classes or images by how suspicious they are, and compares with the plan.";
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
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the network"),
        Port.optional("clean", ArtifactType.DATASET, "images known to be clean"),
        Port.optional("suspects", ArtifactType.DATASET, "images that the plan makes suspect"),
        Port.optional("plan", ArtifactType.POISON_PLAN, "the poison plan, which knows the truth"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("result", ArtifactType.RESULT, "scores, flags, and AUROC against the plan"),
        Port.of("table", ArtifactType.TABLE, "flags and AUROC in one line"),
        Port.of("figure", ArtifactType.FIGURE, "recovered triggers, or how scores are spread"));
  }

  private static Detector<?> detector(Parameters parameters, Methods methods) {
    return methods.get(Kind.DETECTOR, parameters.detector().method(), Detector.class);
  }

  @Override
  public List<String> needed(Parameters parameters) {
    return detector(parameters, Methods.load()).images().stream()
        .map(need -> need == Detector.Need.CLEAN ? "clean" : "suspects")
        .sorted()
        .toList();
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    var methods = Methods.load();
    run(detector(parameters, methods), methods, parameters, context);
  }

  private static <P extends Record> void run(
      Detector<P> detector, Methods methods, Parameters parameters, StageContext context) {
    Tensors checkpoint = context.tensors("checkpoint");
    Randomness randomness = Randomness.of(context.seed()).within("detect " + detector.name());
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        Net net = Checkpoint.load(checkpoint, compute);
        Given given = Given.of(parameters, context, compute, net);
        Detection detection =
            detector.start(
                methods.bind(detector, parameters.detector()),
                net,
                new Detector.Evidence(given.clean(), given.suspects().map(SuspectImages::images)),
                randomness)) {
      Course.steps(context, detection);
      Finding finding = detection.finding();
      boolean[] poisoned =
          detector.subject() == Detector.Subject.IMAGES
              ? given.suspects().orElseThrow().poisoned()
              : targets(given.poison(), finding.scores().size());
      Optional<DetectionResult.Truth> truth =
          given.poison().map(poison -> DetectionResult.Truth.of(finding, poisoned));
      var result =
          new DetectionResult(
              detector.name(),
              detector.subject(),
              detector.images().stream().sorted().toList(),
              finding.flagged().stream().filter(flag -> flag).count(),
              truth,
              finding.byClass(),
              finding.scores(),
              finding.flagged(),
              truth.isEmpty() ? List.of() : boxed(poisoned));
      context.write("result", result);
      context.write(
          "table",
          result.table(
              "Detection of a backdoor: " + Checkpoint.named(context, "checkpoint"),
              given.classes()));
      context.writeFigure(
          "figure",
          new DetectionFigure(
                  detector.name() + ": " + Checkpoint.named(context, "checkpoint"),
                  context.seed(),
                  given.classes(),
                  finding,
                  truth.isEmpty() ? Optional.empty() : Optional.of(poisoned),
                  truth.flatMap(DetectionResult.Truth::auroc))
              .svg());
    }
  }

  private static List<Boolean> boxed(boolean... flags) {
    return IntStream.range(0, flags.length).mapToObj(i -> flags[i]).toList();
  }

  /** The classes that the attack wants images of others to be taken for. */
  private static boolean[] targets(Optional<Poison> poison, int classes) {
    boolean[] targets = new boolean[classes];
    long[] map = poison.map(attack -> attack.plan().targetMap()).orElse(new long[0]);
    for (int label = 0; label < map.length; label++) {
      targets[(int) map[label]] |= map[label] != label;
    }
    return targets;
  }

  /** The stage's inputs on the device. */
  private record Given(
      List<String> classes,
      Optional<Images> clean,
      Optional<Poison> poison,
      Optional<SuspectImages> suspects)
      implements AutoCloseable {
    static Given of(Parameters parameters, StageContext context, Compute compute, Net net) {
      // All detectors of a run are given the same suspects.
      Randomness randomness = Randomness.of(context.seed()).within("suspects");
      Optional<DataSet> clean = data("clean", context);
      Optional<DataSet> suspects = data("suspects", context);
      Optional<Poison> poison =
          context.has("plan")
              ? Optional.of(
                  Poison.of(
                      PoisonPlan.of(context.tensors("plan")),
                      Methods.load(),
                      compute,
                      Precision.F32))
              : Optional.empty();
      return new Given(
          clean.or(() -> suspects).map(DataSet::classes).orElse(List.of()),
          clean.map(data -> data.on(compute)),
          poison,
          suspects.map(data -> suspects(parameters, data, poison, compute, net, randomness)));
    }

    private static SuspectImages suspects(
        Parameters parameters,
        DataSet data,
        Optional<Poison> poison,
        Compute compute,
        Net net,
        Randomness randomness) {
      try (Images images = data.on(compute)) {
        return parameters.suspects() == Suspects.TRAINING
            ? SuspectImages.ofTraining(images, poison, compute, randomness)
            : SuspectImages.ofInputs(images, poison, parameters.share(), net, randomness);
      }
    }

    private static Optional<DataSet> data(String input, StageContext context) {
      if (!context.has(input)) {
        return Optional.empty();
      }
      var data = new DataSet(context.tensors(input));
      Checkpoint.fits(context.tensors("checkpoint"), data);
      return Optional.of(data);
    }

    @Override
    public void close() {
      suspects.ifPresent(SuspectImages::close);
      poison.ifPresent(Poison::close);
      clean.ifPresent(Images::close);
    }
  }
}
