package dev.palimpsest.console.studies;

import dev.palimpsest.spec.Citation;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A field of the form, or a group of them.
 *
 * @param name of the form's field
 * @param pointer JSON pointer into the inputs
 * @param range what may stand there, and the default of the stage or method
 * @param text as it stands in the field
 * @param usual what the study has
 * @param changed whether the text is another
 * @param given whether study or user give it, rather than the stage's default
 * @param options to choose from
 * @param note what the chosen method is
 * @param within the fields of a group, or the parameters of the chosen method
 * @param errors what the check says of it
 */
record Control(
    String name,
    String label,
    String pointer,
    Widget widget,
    String help,
    String range,
    String text,
    String usual,
    boolean changed,
    boolean given,
    List<Option> options,
    Optional<Note> note,
    List<Control> within,
    List<String> errors) {
  private static final int MOST_TOLD = 6;

  /** How it is shown. */
  enum Widget {
    LINE,
    NUMBER,
    AREA,
    TICK,
    SELECT,
    METHOD,
    GROUP;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  record Option(String value, String label) {}

  /** A method in a line, and where it was published. */
  record Note(String summary, Citation citation) {}

  String id() {
    return name.replaceAll("[^A-Za-z0-9]", "-");
  }

  /** It and all within it. */
  Stream<Control> all() {
    return Stream.concat(Stream.of(this), within.stream().flatMap(Control::all));
  }

  /** How many fields within it have another value than the study. */
  long changes() {
    return within.stream().flatMap(Control::all).filter(Control::changed).count();
  }

  /** Whether something of it must be seen. */
  boolean open() {
    return all().anyMatch(each -> !each.errors().isEmpty());
  }

  /** Its text as a reader sees it. */
  String shown() {
    return options.stream()
        .filter(option -> option.value().equals(text))
        .map(Option::label)
        .findFirst()
        .orElse(text);
  }

  /** The values within it that study or user give. */
  String told() {
    List<String> values =
        within.stream()
            .flatMap(Control::all)
            .filter(each -> each.given() && each.widget() != Widget.GROUP)
            .map(each -> each.label() + " " + each.shown())
            .toList();
    String told = values.stream().limit(MOST_TOLD).collect(Collectors.joining(" · "));
    return values.size() > MOST_TOLD ? told + " …" : told;
  }

  /** Fields under a name of their own, which no input has. */
  static Control group(String name, String label, List<Control> within) {
    return new Control(
        name,
        label,
        "",
        Widget.GROUP,
        "",
        "",
        "",
        "",
        false,
        true,
        List.of(),
        Optional.empty(),
        within,
        List.of());
  }

  Control labelled(String other) {
    return copy(other, help, within, errors);
  }

  Control helped(String other) {
    return copy(label, other, within, errors);
  }

  /** The same with what is wrong with it and with all within it, by pointer. */
  Control with(Map<String, List<String>> wrong) {
    return copy(
        label,
        help,
        within.stream().map(each -> each.with(wrong)).toList(),
        wrong.getOrDefault(pointer, List.of()));
  }

  private Control copy(
      String otherLabel, String otherHelp, List<Control> otherWithin, List<String> otherErrors) {
    return new Control(
        name,
        otherLabel,
        pointer,
        widget,
        otherHelp,
        range,
        text,
        usual,
        changed,
        given,
        options,
        note,
        otherWithin,
        otherErrors);
  }
}
