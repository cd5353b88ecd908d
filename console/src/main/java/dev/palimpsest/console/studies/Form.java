package dev.palimpsest.console.studies;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.console.studies.Control.Widget;
import dev.palimpsest.console.studies.Fill.Filled;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.workflows.InputField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The inputs of a study as a form: what decides a study first, the settings of its stages folded.
 *
 * @param first single values: seed, data, poisoning rate
 * @param methods attack, learner and defences with their parameters, and what is compared
 * @param folds the settings of stages
 * @param inputs what the form says
 */
record Form(List<Control> first, List<Control> methods, List<Control> folds, ObjectNode inputs) {
  private static final Set<Kind> DECIDING =
      Set.of(Kind.ATTACK, Kind.DEFENCE, Kind.DETECTOR, Kind.LEARNER, Kind.RECTIFIER, Kind.MEASURE);

  /**
   * @param usual the inputs that the study has
   * @param now those that the fields show where nothing was entered
   */
  static Form of(List<InputField> fields, Fill fill, ObjectNode usual, ObjectNode now) {
    ObjectNode inputs = usual.deepCopy();
    var first = new ArrayList<Control>();
    var methods = new ArrayList<Control>();
    var folds = new ArrayList<Control>();
    var rest = new ArrayList<Control>();
    for (InputField field : fields) {
      Filled filled = fill.input(field, usual.path(field.name()), now.path(field.name()));
      filled.value().ifPresent(value -> inputs.set(field.name(), value));
      place(field, filled.control(), "", first, methods, folds, rest);
    }
    if (!rest.isEmpty()) {
      folds.add(rest(rest));
    }
    return new Form(first, methods, folds, inputs);
  }

  private static void place(
      InputField field,
      Control control,
      String before,
      List<Control> first,
      List<Control> methods,
      List<Control> folds,
      List<Control> rest) {
    Control named = control.labelled((before + " " + control.label()).strip());
    if (field.takes() instanceof InputField.Fields(List<InputField> fields)
        && control.widget() == Widget.GROUP) {
      for (int i = 0; i < fields.size(); i++) {
        place(fields.get(i), control.within().get(i), named.label(), first, methods, folds, rest);
      }
    } else if (control.widget() == Widget.GROUP) {
      folds.add(named.helped(feeds(field)));
    } else if (control.widget() == Widget.AREA || deciding(field)) {
      methods.add(named);
    } else if (control.widget() == Widget.METHOD
        || control.widget() == Widget.LINE && !list(field)
        || field.takes() instanceof InputField.OfNumerics) {
      rest.add(named);
    } else {
      first.add(named);
    }
  }

  private static boolean deciding(InputField field) {
    return field.takes() instanceof InputField.Parameter(Field parameter)
        && parameter.choose().filter(DECIDING::contains).isPresent();
  }

  private static boolean list(InputField field) {
    return field.takes() instanceof InputField.Parameter(Field parameter)
        && parameter.type().equals("list");
  }

  /** The tasks that the settings of a stage are for, in the definition's words. */
  private static String feeds(InputField field) {
    List<String> words =
        field.feeds().stream()
            .map(feed -> feed.description().isEmpty() ? feed.task() : feed.description())
            .distinct()
            .toList();
    return words.size() > 2
        ? "For " + words.size() + " tasks: " + words.getFirst() + ", …"
        : String.join("; ", words);
  }

  private static Control rest(List<Control> rest) {
    List<String> names = rest.stream().map(Control::label).toList();
    String label =
        names.size() == 1
            ? names.getFirst()
            : String.join(", ", names.subList(0, names.size() - 1)) + " and " + names.getLast();
    return Control.group("rest", label, rest);
  }

  /** Every field, those in folds included. */
  Stream<Control> all() {
    return Stream.of(first, methods, folds).flatMap(List::stream).flatMap(Control::all);
  }

  /** How many fields have another value than the study. */
  long changes() {
    return all().filter(Control::changed).count();
  }

  /** The same with sentences at the fields that they are about, by pointer. */
  Form with(Map<String, List<String>> wrong) {
    return new Form(
        first.stream().map(each -> each.with(wrong)).toList(),
        methods.stream().map(each -> each.with(wrong)).toList(),
        folds.stream().map(each -> each.with(wrong)).toList(),
        inputs);
  }

  /** What is no JSON where JSON is expected, by pointer. */
  Map<String, List<String>> unreadable() {
    var wrong = new LinkedHashMap<String, List<String>>();
    all()
        .filter(each -> each.widget() == Widget.AREA && each.changed())
        .forEach(each ->
            Texts.wrong(each.label(), each.text())
                .ifPresent(sentence -> wrong.put(each.pointer(), List.of(sentence))));
    return wrong;
  }
}
