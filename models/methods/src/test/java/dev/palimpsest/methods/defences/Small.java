package dev.palimpsest.methods.defences;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Fields;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Defences that are over after a few steps. */
final class Small {
  private static final Methods METHODS = Methods.load();

  /** Few steps; and a threshold that masks fall below in as many. */
  private static final Map<String, Double> SHORT =
      Map.of(
          "epochs", 2.0,
          "teacherEpochs", 2.0,
          "highEpochs", 1.0,
          "rounds", 2.0,
          "k", 2.0,
          "steps", 5.0,
          "threshold", 0.999);

  private Small() {}

  static List<Defence<?>> all() {
    return METHODS.all(Kind.DEFENCE).stream().<Defence<?>>map(each -> (Defence<?>) each).toList();
  }

  static <P extends Record> P parameters(Defence<P> defence, int batch) {
    return parameters(defence, batch, Map.of());
  }

  /** Short ones with some numbers set, wherever a field has their name. */
  static <P extends Record> P parameters(
      Defence<P> defence, int batch, Map<String, Double> numbers) {
    ObjectNode json = json(Fields.of(defence.parameters()), batch, numbers);
    return METHODS.bind(defence, new Choice(defence.name(), json));
  }

  private static ObjectNode json(List<Field> fields, int batch, Map<String, Double> numbers) {
    ObjectNode json = Json.object();
    for (Field field : fields) {
      if (!field.fields().isEmpty()) {
        json.set(field.name(), json(field.fields(), batch, numbers));
      } else if (field.name().equals("batch")) {
        json.put("batch", batch);
      } else {
        Optional.ofNullable(numbers.getOrDefault(field.name(), SHORT.get(field.name())))
            .ifPresent(number -> json.set(field.name(), number(field, number)));
      }
    }
    return json;
  }

  /** The nearest number that the field allows. */
  private static JsonNode number(Field field, double wanted) {
    double number =
        Math.clamp(
            wanted,
            field.min().orElse(Double.NEGATIVE_INFINITY),
            field.max().orElse(Double.POSITIVE_INFINITY));
    return Json.tree(field.type().equals("integer") ? (Object) (int) number : number);
  }

  /** The defence of that name as a process finds it that has just begun. */
  @SuppressWarnings("unchecked")
  static <P extends Record> Defence<P> loaded(Defence<P> defence) {
    return (Defence<P>) Methods.load().get(Kind.DEFENCE, defence.name(), Defence.class);
  }

  static DefenceContext context(Net net, Images clean, long seed) {
    return new DefenceContext(
        net, "linear", Optional.of(clean), new Augmentation(1, true), Randomness.of(seed));
  }
}
