package dev.palimpsest.stages;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.methods.learners.FisherInformation;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensors;
import java.util.List;

/** The diagonal Fisher information of a network's weights on a task's data. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class Fisher implements Stage<Fisher.Parameters> {
  /** How many samples. */
  public record Parameters(
      @Param(help = "samples from the head of the data", value = "600", min = 1) int samples) {}

  @Override
  public String name() {
    return "fisher";
  }

  @Override
  public String summary() {
    return "Diagonal of the empirical Fisher information, sample by sample.";
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
        Port.of("checkpoint", ArtifactType.CHECKPOINT, "the network after the former task"),
        Port.of("data", ArtifactType.DATASET, "the former task's samples, without trigger"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(Port.of("fisher", ArtifactType.FISHER, "one value for each weight"));
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    Tensors checkpoint = context.tensors("checkpoint");
    var data = new DataSet(context.tensors("data"));
    Checkpoint.fits(checkpoint, data);
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        Images images = data.on(compute);
        Net net = Checkpoint.load(checkpoint, compute);
        FisherInformation fisher = FisherInformation.of(net, images, parameters.samples())) {
      Course.run(context, fisher);
      context.write("fisher", fisher.mean());
    }
  }
}
