package dev.palimpsest.workflows;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import java.util.List;
import java.util.Map;

/** The sample's stage {@code train}, whose parameters check themselves. */
public final class Balanced implements Stage<Balanced.Parameters> {
  /** Refuses 13 epochs. */
  public record Parameters(
      @Param(help = "how many", value = "3") int epochs,
      @Param(help = "the attack", choose = Kind.ATTACK) Choice attack) {
    /** Throws {@link Mistake} for 13 epochs. */
    public Parameters {
      if (epochs == 13) {
        throw new Mistake("epochs is 13; expected a luckier number");
      }
    }
  }

  @Override
  public String name() {
    return "train";
  }

  @Override
  public String summary() {
    return "Trains.";
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
    return List.of();
  }

  @Override
  public List<Port> outputs() {
    return List.of();
  }

  /** From 50 epochs on it wants something to begin with. */
  @Override
  public List<String> needed(Parameters parameters) {
    return parameters.epochs() < 50 ? List.of() : List.of("start");
  }

  /** Refuses more epochs than there are images. */
  @Override
  public Map<String, Facts> foresee(Parameters parameters, Map<String, Facts> inputs) {
    Facts data = inputs.get("data");
    if (data != null && data.shape("images").getFirst() < parameters.epochs()) {
      throw new Mistake("epochs is " + parameters.epochs() + "; expected at most one an image.");
    }
    return data == null ? Map.of() : Map.of("again", data);
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    throw new UnsupportedOperationException("only checked");
  }
}
