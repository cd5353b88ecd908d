package dev.palimpsest.stages;

import com.google.auto.service.AutoService;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Facts;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageContext;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Cuts training data into the three parts of sequential backdoor learning (Pham et al., ECCV 2024):
 * mixed (the attacker poisons some of it), clean (task 2), fine-tune (the defender's).
 */
@SuppressWarnings("rawtypes")
@AutoService(Stage.class)
public final class PrepareData implements Stage<PrepareData.Parameters> {
  /** The parts, cut from the shuffled data in this order; fine-tune from its end. */
  public record Parameters(
      @Param(
              help = "share of the mixed part, which the attacker may poison",
              value = "0.85",
              min = 0,
              max = 1)
          double mixed,
      @Param(
              help = "share of the clean part, which task 2 learns",
              value = "0.10",
              min = 0,
              max = 1)
          double clean,
      @Param(
              help = "share of the fine-tune part, which the defender has",
              value = "0.05",
              min = 0,
              max = 1)
          double finetune,
      @Param(help = "seed of the shuffle: the same parts for every run's seed", value = "0")
          long splitSeed) {
    /** Throws {@link Mistake} when the shares sum to more than 1. */
    public Parameters {
      if (mixed + clean + finetune > 1 + 1e-9) {
        throw new Mistake(
            "mixed + clean + finetune is " + (mixed + clean + finetune) + "; expected at most 1");
      }
    }
  }

  @Override
  public String name() {
    return "prepare-data";
  }

  @Override
  public String summary() {
    return "Cuts training data into a mixed, a clean and a fine-tune part.";
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
    return List.of(Port.of("train", ArtifactType.DATASET, "the whole training set"));
  }

  @Override
  public List<Port> outputs() {
    return List.of(
        Port.of("mixed", ArtifactType.DATASET, "what the attacker trains on first"),
        Port.of("clean", ArtifactType.DATASET, "what task 2 learns"),
        Port.of("finetune", ArtifactType.DATASET, "what the defender has"));
  }

  @Override
  public Map<String, Facts> foresee(Parameters parameters, Map<String, Facts> inputs) {
    if (!inputs.containsKey("train")) {
      return Map.of();
    }
    var train = new DataFacts(inputs.get("train"));
    var foreseen = new HashMap<String, Facts>();
    parts(parameters, Math.toIntExact(train.size()))
        .forEach((name, part) -> foreseen.put(name, train.with(part.end() - part.from())));
    return foreseen;
  }

  /** A part of the shuffled data, from a place to before another. */
  private record Part(int from, int end) {}

  private static SequencedMap<String, Part> parts(Parameters parameters, int images) {
    int mixed = (int) (parameters.mixed() * images);
    int finetune = (int) (parameters.finetune() * images);
    int clean = Math.min((int) Math.round(parameters.clean() * images), images - mixed - finetune);
    var parts = new LinkedHashMap<String, Part>();
    parts.put("mixed", new Part(0, mixed));
    parts.put("clean", new Part(mixed, mixed + clean));
    parts.put("finetune", new Part(images - finetune, images));
    parts.forEach((name, part) -> {
      if (part.from() == part.end()) {
        throw new Mistake(
            "the " + name + " part is empty: its share of " + images + " images is less than one.");
      }
    });
    return parts;
  }

  @Override
  public void run(Parameters parameters, StageContext context) {
    var data = new DataSet(context.tensors("train"));
    int[] order = Randomness.of(parameters.splitSeed()).stream("split").permutation(data.size());
    parts(parameters, data.size())
        .forEach((name, part) ->
            context.write(
                name, data.pick(Arrays.copyOfRange(order, part.from(), part.end())).tensors()));
  }
}
