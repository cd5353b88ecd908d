package dev.palimpsest.console.studies;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.console.studies.Control.Note;
import dev.palimpsest.console.studies.Control.Option;
import dev.palimpsest.console.studies.Control.Widget;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.workflows.InputField;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes the fields of a form, and the inputs that they say. What is unchanged is left exactly as
 * the study has it; what cannot be read as its type becomes a text, of which the check then tells.
 */
final class Fill {
  private static final JsonNode NONE = MissingNode.getInstance();

  private final Catalogue catalogue;
  private final Map<String, String> entered;
  private final Function<InputField, List<Option>> choices;

  /**
   * @param entered what was entered, by the names of fields
   * @param choices what may stand for artifacts and numerics
   */
  Fill(
      Catalogue catalogue,
      Map<String, String> entered,
      Function<InputField, List<Option>> choices) {
    this.catalogue = catalogue;
    this.entered = entered;
    this.choices = choices;
  }

  /**
   * A field and what it says.
   *
   * @param value empty where it says nothing, so that a default counts
   */
  record Filled(Control control, Optional<JsonNode> value) {}

  /** Where a field stands: its name in the form, and its pointer into the inputs. */
  private record At(String label, String name, String pointer) {
    At within(String field) {
      return new At(field, name + "." + field, pointer + "/" + field);
    }

    /** A parameter of a method: another method keeps its own. */
    At within(String method, String field) {
      return new At(field, name + ":" + method + "." + field, pointer + "/" + field);
    }
  }

  /**
   * @param usual the value that the study has; missing where it has none
   * @param now the value where nothing was entered
   */
  Filled input(InputField input, JsonNode usual, JsonNode now) {
    return input(input, new At(input.name(), "in." + input.name(), "/" + input.name()), usual, now);
  }

  private Filled input(InputField input, At at, JsonNode usual, JsonNode now) {
    if (input.artifacts()) {
      return leaf(at, Widget.SELECT, plain(input, artifacts(input)), usual, now, this::named);
    }
    return switch (input.takes()) {
      case InputField.Parameter(Field field) -> parameter(at, field, usual, now);
      case InputField.OfNumerics numerics ->
          leaf(at, Widget.SELECT, plain(input, "what decides the bits"), usual, now, this::json);
      case InputField.Fields(List<InputField> fields) when object(usual) ->
          group(
              at,
              help(input),
              usual,
              fields.stream()
                  .map(each ->
                      input(
                          each,
                          at.within(each.name()),
                          usual.path(each.name()),
                          now.path(each.name())))
                  .toList());
      default -> any(at, help(input), usual, now);
    };
  }

  private static String help(InputField input) {
    return input.feeds().stream()
        .map(InputField.Feed::description)
        .filter(description -> !description.isEmpty())
        .distinct()
        .limit(2)
        .reduce((one, other) -> one + "; " + other)
        .orElse("");
  }

  private static String artifacts(InputField input) {
    return switch (input.takes()) {
      case InputField.Fields(List<InputField> parts) ->
          "data set with " + String.join(" and ", parts.stream().map(InputField::name).toList());
      case InputField.OfType(ArtifactType type) -> "a " + type.label();
      default -> "";
    };
  }

  private Leaf plain(InputField input, String help) {
    return new Leaf(help, "", NONE, choices.apply(input));
  }

  private Filled parameter(At at, Field field, JsonNode usual, JsonNode now) {
    if (field.choose().isPresent() ? !chosen(usual) : !field.fields().isEmpty() && !object(usual)) {
      // What does not have the shape is shown as it is; the check tells what is wrong with it.
      return any(at, field.help(), usual, now);
    }
    return switch (field.type()) {
      case "choice" -> choice(at, field, field.choose().orElseThrow(), usual, now);
      case "group" ->
          group(
              at,
              field.help(),
              usual,
              field.fields().stream()
                  .map(each ->
                      parameter(
                          at.within(each.name()),
                          each,
                          usual.path(each.name()),
                          now.path(each.name())))
                  .toList());
      case "boolean" -> leaf(at, Widget.TICK, Leaf.of(field), usual, now, this::json);
      case "number", "integer" -> leaf(at, Widget.NUMBER, Leaf.of(field), usual, now, this::number);
      case "list" -> leaf(at, area(usual), Leaf.of(field), usual, now, this::json);
      default ->
          leaf(
              at,
              field.options().isEmpty() ? Widget.LINE : Widget.SELECT,
              Leaf.of(field),
              usual,
              now,
              TextNode::valueOf);
    };
  }

  private Filled any(At at, String help, JsonNode usual, JsonNode now) {
    var leaf = new Leaf(help, "JSON", NONE, List.of());
    return leaf(at, Widget.AREA, leaf, usual, now, this::json);
  }

  private static Widget area(JsonNode usual) {
    return text(usual, Widget.LINE).length() > 60 ? Widget.AREA : Widget.LINE;
  }

  /** What is known of a single value. */
  private record Leaf(String help, String range, JsonNode fallback, List<Option> options) {
    static Leaf of(Field field) {
      JsonNode fallback = field.value().orElse(NONE);
      return new Leaf(
          field.help(),
          Ranges.of(field),
          fallback,
          field.options().stream().map(each -> new Option(each, each)).toList());
    }
  }

  private Filled leaf(
      At at,
      Widget widget,
      Leaf leaf,
      JsonNode usual,
      JsonNode now,
      Function<String, JsonNode> parse) {
    String before = text(usual.isMissingNode() ? leaf.fallback() : usual, widget);
    String shown = now.isMissingNode() ? before : text(now, widget);
    String text = entered.getOrDefault(at.name(), shown).replace("\r\n", "\n");
    boolean changed = !text.strip().equals(before.strip());
    Optional<JsonNode> value =
        changed
            ? Optional.of(parse.apply(text))
            : Optional.of(usual).filter(v -> !v.isMissingNode());
    var options = new ArrayList<>(leaf.options());
    if (widget == Widget.SELECT && options.stream().noneMatch(o -> o.value().equals(text))) {
      options.addFirst(new Option(text, text.isEmpty() ? "choose" : text));
    }
    return new Filled(
        new Control(
            at.name(),
            at.label(),
            at.pointer(),
            widget,
            leaf.help(),
            leaf.range(),
            text,
            before,
            changed,
            value.isPresent(),
            options,
            Optional.empty(),
            List.of(),
            List.of()),
        value);
  }

  private Filled group(At at, String help, JsonNode usual, List<Filled> fields) {
    ObjectNode object = usual instanceof ObjectNode given ? given.deepCopy() : Json.object();
    set(object, fields);
    boolean nothing = usual.isMissingNode() && object.isEmpty();
    return new Filled(
        new Control(
            at.name(),
            at.label(),
            at.pointer(),
            Widget.GROUP,
            help,
            "",
            "",
            "",
            false,
            !nothing,
            List.of(),
            Optional.empty(),
            fields.stream().map(Filled::control).toList(),
            List.of()),
        nothing ? Optional.empty() : Optional.of(object));
  }

  private Filled choice(At at, Field field, Kind kind, JsonNode given, JsonNode now) {
    JsonNode usual = given.isMissingNode() ? field.value().orElse(NONE) : given;
    String before = method(usual);
    String method = entered.getOrDefault(at.name(), now.isMissingNode() ? before : method(now));
    boolean same = method.equals(before);
    JsonNode beside = same ? usual : NONE;
    JsonNode later = method.equals(method(now)) ? now : NONE;
    List<Filled> within =
        catalogue.of(kind).getOrDefault(method, List.of()).stream()
            .map(each ->
                parameter(
                    at.within(method, each.name()),
                    each,
                    beside.path(each.name()),
                    later.path(each.name())))
            .toList();
    boolean inside = within.stream().flatMap(f -> f.control().all()).anyMatch(Control::changed);
    Optional<JsonNode> value = Optional.of(given).filter(v -> !v.isMissingNode());
    if (!same || inside) {
      ObjectNode object =
          same && usual instanceof ObjectNode o
              ? o.deepCopy()
              : Json.object().put("method", method);
      set(object, within);
      value = Optional.of(object.size() == 1 ? TextNode.valueOf(method) : object);
    }
    var options =
        new ArrayList<>(catalogue.of(kind).keySet().stream().map(m -> new Option(m, m)).toList());
    if (!catalogue.of(kind).containsKey(method)) {
      options.addFirst(new Option(method, method.isEmpty() ? "choose" : method));
    }
    Optional<Note> note =
        catalogue.methods().stream()
            .filter(each -> each.kind() == kind && each.name().equals(method))
            .findFirst()
            .map(each -> new Note(each.summary(), each.citation()));
    return new Filled(
        new Control(
            at.name(),
            at.label(),
            at.pointer(),
            Widget.METHOD,
            field.help(),
            "",
            method,
            before,
            !same,
            true,
            options,
            note,
            within.stream().map(Filled::control).toList(),
            List.of()),
        value);
  }

  private static void set(ObjectNode object, List<Filled> fields) {
    fields.forEach(field -> {
      String[] steps = field.control().pointer().split("/");
      field.value().ifPresent(value -> object.set(steps[steps.length - 1], value));
    });
  }

  private static boolean chosen(JsonNode usual) {
    return usual.isMissingNode() || !method(usual).isEmpty();
  }

  private static boolean object(JsonNode usual) {
    return usual.isMissingNode() || usual.isObject();
  }

  private static String method(JsonNode choice) {
    return choice.isTextual() ? choice.textValue() : choice.path("method").asText("");
  }

  /** A value as its field shows it; what a field cannot hold stands there as JSON. */
  private static String text(JsonNode value, Widget widget) {
    if (value.isMissingNode()) {
      return "";
    }
    if (value.isFloatingPointNumber()) {
      return Texts.number(value.decimalValue());
    }
    return value.isValueNode()
        ? value.asText()
        : widget == Widget.AREA ? Json.pretty(value).strip() : value.toString();
  }

  private JsonNode number(String text) {
    JsonNode value = json(text.strip());
    return value.isNumber() ? value : TextNode.valueOf(text);
  }

  private JsonNode json(String text) {
    return Texts.json(text).orElseGet(() -> TextNode.valueOf(text));
  }

  /** What was imported under a name, or references. */
  private JsonNode named(String text) {
    return text.startsWith("{") ? json(text) : TextNode.valueOf(text);
  }
}
