package dev.palimpsest.worker;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.tasks.Lane;
import dev.palimpsest.tasks.Stage;
import java.util.List;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** The registered stages by name. */
final class Stages {
  private final SortedMap<String, Stage<?>> byName = new TreeMap<>();

  Stages(Iterable<? extends Stage<?>> stages) {
    for (Stage<?> stage : stages) {
      if (byName.put(stage.name(), stage) != null) {
        throw new IllegalStateException("two stages are named '" + stage.name() + "'");
      }
    }
  }

  /** Every stage on the class path. */
  @SuppressWarnings("unchecked")
  static Stages load() {
    return new Stages((Iterable<Stage<?>>) (Iterable<?>) ServiceLoader.load(Stage.class));
  }

  Stage<?> get(String name) {
    Stage<?> stage = byName.get(name);
    if (stage == null) {
      throw new Mistake(Names.unknown("stage", name, byName.keySet()));
    }
    return stage;
  }

  List<String> in(Lane lane) {
    return byName.values().stream().filter(s -> s.lane() == lane).map(Stage::name).toList();
  }
}
