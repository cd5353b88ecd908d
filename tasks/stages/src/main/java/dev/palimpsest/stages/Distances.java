package dev.palimpsest.stages;

import com.google.auto.service.AutoService;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Net;
import dev.palimpsest.methods.measures.Distance;
import dev.palimpsest.methods.measures.WeightNorms;
import dev.palimpsest.report.Table;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Measures how far two checkpoints lie apart, such as a network before and after a defence. */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class Distances implements Stage<Distances.Parameters> {
  private static final int DIGITS = 4;

  /** None. */
  public record Parameters() {}

  /**
   * What was measured.
   *
   * @param from the norms of the network that it was, as a scale for the distance
   */
  record Result(Distance distance, WeightNorms from, WeightNorms to) {
    Table table(String title) {
      return new Table(
          title,
          List.of(
              Table.Column.text("norm"),
              Table.Column.number("", "distance", "", 0),
              Table.Column.number("length", "from", "", 0),
              Table.Column.number("length", "to", "", 0)),
          List.of(
              List.of(
                  Table.Cell.of("L0"),
                  Table.Cell.of(distance.l0()),
                  Table.Cell.of(distance.parameters()),
                  Table.Cell.of(distance.parameters())),
              row("L1", distance.l1(), from.l1(), to.l1()),
              row("L2", distance.l2(), from.l2(), to.l2()),
              List.of(
                  Table.Cell.of("L\u221e"),
                  Table.Cell.significant(distance.linf(), DIGITS),
                  Table.Cell.none(),
                  Table.Cell.none())),
          List.of(
              "L0: how many parameters differ, and how many there are. Running statistics do not"
                  + " count."));
    }

    private static List<Table.Cell> row(String norm, double... values) {
      return Stream.concat(
              Stream.of(Table.Cell.of(norm)),
              Arrays.stream(values).mapToObj(value -> Table.Cell.significant(value, DIGITS)))
          .toList();
    }
  }

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
    return List.of(
        Port.of("result", ArtifactType.RESULT, "the distances, and both norms"),
        Port.of("table", ArtifactType.TABLE, "the same, to read"));
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    Tensors origin = context.tensors("from");
    try (Compute compute = Compute.open(context.device(), context.numerics().threads());
        Net from = Checkpoint.load(origin, compute);
        Net to = Checkpoint.load(origin, compute)) {
      to.load(context.tensors("to"));
      var result = new Result(Distance.between(from, to), WeightNorms.of(from), WeightNorms.of(to));
      context.write("result", result);
      context.write(
          "table",
          result.table(
              "Distance: "
                  + Checkpoint.named(context, "from")
                  + " to "
                  + Checkpoint.named(context, "to")));
    }
  }
}
