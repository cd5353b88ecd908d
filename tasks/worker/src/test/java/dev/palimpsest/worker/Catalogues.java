package dev.palimpsest.worker;

import dev.palimpsest.base.Digest;
import dev.palimpsest.spec.Fields;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Code;
import dev.palimpsest.tasks.CodeIndex;
import dev.palimpsest.tasks.Stage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Catalogues of stages that tests make up. */
final class Catalogues {
  private Catalogues() {}

  /** A catalogue of one stage, whose code is one class. */
  static Catalogue of(Stage<?> stage) {
    var entry =
        new Catalogue.StageEntry(
            stage.name(),
            stage.summary(),
            stage.lane(),
            Fields.of(stage.parameters()),
            stage.inputs(),
            stage.outputs());
    String name = stage.getClass().getName();
    var code =
        new Code(new TreeMap<>(Map.of(name, Digest.of("code"))), new TreeMap<>(), new TreeMap<>());
    var index =
        new CodeIndex(code, new TreeMap<>(Map.of(CodeIndex.stage(stage.name()), List.of(name))));
    return new Catalogue(List.of(entry), List.of(), index);
  }
}
