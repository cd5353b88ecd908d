package dev.palimpsest.stages;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import java.util.List;

/** What a stream of tasks begins with: a network as drawn, and an empty memory. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class BeginStream implements Stage<BeginStream.Parameters> {
  /** The network. */
  public record Parameters(
      @Param(help = "network", value = "\"resnet-small\"", choose = Kind.NETWORK) Choice network,
      @Param(
              help = "fixed: the classifier has all classes from the start; growing: those so far",
              value = "\"fixed\"")
          Heads heads) {}

  @Override
  public String name() {
    return "begin-stream";
  }

  @Override
  public String summary() {
    return "Draws the network that a stream of tasks begins with.";
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
    return List.of(Port.of("data", ArtifactType.DATASET, "the split training set"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the network as drawn"),
        Port.of("memory", ArtifactType.MEMORY, "nothing yet"));
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    var data = new DataSet(context.tensors("data"));
    int classes = parameters.heads().atFirst(data);
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        Net net =
            Checkpoint.drawn(
                parameters.network(),
                classes,
                data,
                compute,
                Randomness.of(context.seed()).within("begin-stream"))) {
      context.write("checkpoint", Checkpoint.of(net, parameters.network(), classes, data));
      context.write("memory", Memory.EMPTY.tensors());
    }
  }
}
