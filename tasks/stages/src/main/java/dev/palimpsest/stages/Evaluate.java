package dev.palimpsest.stages;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Net;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensors;
import java.util.List;
import java.util.Map;

/** Measures a network on test images, as they are and with the trigger. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class Evaluate implements Stage<Evaluate.Parameters> {
  /** None. */
  public record Parameters() {}

  /**
   * What was measured.
   *
   * @param measures fractions by name: cleanAccuracy, asr, robustAccuracy
   * @param images test images
   */
  record Result(Map<String, Double> measures, int images) {}

  @Override
  public String name() {
    return "evaluate";
  }

  @Override
  public String summary() {
    return "Clean accuracy, attack success rate and robust accuracy of a network.";
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
        Port.of("test", ArtifactType.DATASET, "the test set"),
        Port.optional("plan", ArtifactType.POISON_PLAN, "the poison plan, for ASR"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(Port.of("result", ArtifactType.RESULT, "the measures"));
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    Tensors checkpoint = context.tensors("checkpoint");
    Checkpoint.fits(checkpoint, new DataSet(context.tensors("test")));
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        TestBench bench = TestBench.of(context, compute);
        Net net = Checkpoint.load(checkpoint, compute)) {
      context.write("result", new Result(bench.measure(net), bench.images()));
    }
  }
}
