package dev.palimpsest.stages;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Net;
import dev.palimpsest.methods.measures.Distance;
import dev.palimpsest.methods.measures.WeightNorms;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensors;
import java.util.List;

/** Measures how far two checkpoints lie apart, such as a network before and after a defence. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class Distances implements Stage<Distances.Parameters> {
  /** None. */
  public record Parameters() {}

  /**
   * What was measured.
   *
   * @param from the norms of the network that it was, as a scale for the distance
   */
  record Result(Distance distance, WeightNorms from, WeightNorms to) {}

  @Override
  public String name() {
    return "distances";
  }

  @Override
  public String summary() {
    return "L0, L1, L2 and L-infinity distance of the parameters of two checkpoints.";
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
    return List.of(
        Port.of("from", ArtifactType.CHECKPOINT, "the network that it was"),
        Port.of("to", ArtifactType.CHECKPOINT, "the network that became of it"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(Port.of("result", ArtifactType.RESULT, "the distances, and both norms"));
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    Tensors origin = context.tensors("from");
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        Net from = Checkpoint.load(origin, compute);
        Net to = Checkpoint.load(origin, compute)) {
      to.load(context.tensors("to"));
      context.write(
          "result",
          new Result(Distance.between(from, to), WeightNorms.of(from), WeightNorms.of(to)));
    }
  }
}
