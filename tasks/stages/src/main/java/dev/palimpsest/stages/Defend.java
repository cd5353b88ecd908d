package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.methods.defences.Defence;
import dev.palimpsest.methods.defences.DefenceContext;
import dev.palimpsest.methods.defences.DefenderData;
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

/**
 * Defends a network, with a few clean samples where the defence needs them. Test set and poison
 * plan serve only to measure the defence's course; the defence itself does not see them.
 */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class Defend implements Stage<Defend.Parameters> {
  /** What the taint of a defended network begins with; its defence follows. */
  static final String TAINT = "defended by ";

  /** The defence. */
  public record Parameters(
      @Param(help = "defence", value = "\"ft\"", choose = Kind.DEFENCE) Choice defence,
      @Param(help = "what tables call it; empty: the defence's name", value = "\"\"") String label,
      @Param(help = "augmentation") AugmentationSettings augmentation) {}

  /**
   * How a defence went.
   *
   * @param label what tables call it
   * @param defence its name
   * @param course measures by epoch, from before it on; fractions
   */
  record Result(String label, String defence, List<JsonNode> course) {}

  @Override
  public String name() {
    return "defend";
  }

  @Override
  public String summary() {
    return "Defends a network and measures accuracy and ASR after each epoch.";
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
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the network to defend"),
        Port.optional(
            "clean",
            ArtifactType.DATASET,
            "the defender's clean samples, if the defence needs any"),
        Port.of("test", ArtifactType.DATASET, "the test set, to measure only"),
        Port.optional("plan", ArtifactType.POISON_PLAN, "the poison plan, to measure only"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the defended network"),
        Port.of("course", ArtifactType.METRICS, "accuracy and ASR before it and by epoch"),
        Port.of("result", ArtifactType.RESULT, "the course under the defence's name"));
  }

  @Override
  public List<String> taints(Parameters parameters) {
    return List.of(TAINT + parameters.defence().method());
  }

  @Override
  public List<String> needed(Parameters parameters) {
    return defence(Methods.load(), parameters).data() == DefenderData.CLEAN_SAMPLES
        ? List.of("clean")
        : List.of();
  }

  private static Defence<?> defence(Methods methods, Parameters parameters) {
    return methods.get(Kind.DEFENCE, parameters.defence().method(), Defence.class);
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    var methods = Methods.load();
    run(defence(methods, parameters), methods, parameters, context);
  }

  private static <P extends Record> void run(
      Defence<P> defence, Methods methods, Parameters parameters, StageContext context) {
    Tensors checkpoint = context.tensors("checkpoint");
    P settings = methods.bind(defence, parameters.defence());
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        TestBench bench = TestBench.of(context, compute);
        Net net = Checkpoint.load(checkpoint, compute);
        Samples samples = Samples.of(defence, context, checkpoint, compute);
        Stepwise work =
            defence.start(
                settings,
                new DefenceContext(
                    net,
                    Checkpoint.classifier(checkpoint),
                    samples.images(),
                    parameters.augmentation().toAugmentation(),
                    Randomness.of(context.seed()).within("defend " + defence.name())))) {
      List<JsonNode> lines = Course.run(context, work, () -> bench.measure(net));
      context.write("checkpoint", Checkpoint.of(net, checkpoint));
      context.writeLines("course", lines);
      String label = parameters.label().isBlank() ? defence.name() : parameters.label();
      context.write("result", new Result(label, defence.name(), lines));
    }
  }

  /** The defender's samples; none for a defence that needs none, so that none can be seen. */
  private record Samples(Optional<Images> images) implements AutoCloseable {
    static Samples of(
        Defence<?> defence, StageContext context, Tensors checkpoint, Compute compute) {
      if (defence.data() == DefenderData.NONE) {
        return new Samples(Optional.empty());
      }
      if (!context.has("clean")) {
        throw new Mistake(
            "defence '"
                + defence.name()
                + "' needs "
                + defence.data().label()
                + "; expected input 'clean'.");
      }
      var clean = new DataSet(context.tensors("clean"));
      Checkpoint.fits(checkpoint, clean);
      return new Samples(Optional.of(clean.on(compute)));
    }

    @Override
    public void close() {
      images.ifPresent(Images::close);
    }
  }
}
