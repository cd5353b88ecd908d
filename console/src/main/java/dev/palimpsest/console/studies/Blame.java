package dev.palimpsest.console.studies;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.palimpsest.workflows.Definition;
import dev.palimpsest.workflows.Finding;
import dev.palimpsest.workflows.InputField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds the field of a form that a finding is about. */
final class Blame {
  private static final Pattern INPUT = Pattern.compile("\\$\\{workflow\\.input\\.([^{}]+)}");
  private static final Pattern OUTPUT = Pattern.compile("\\$\\{([^{}.]+)\\.output\\.[^{}]*}");
  private static final Pattern PARAMETER = Pattern.compile("(?:parameter '(\\w+)'|: (\\w+) is )");
  private static final Pattern NEEDED = Pattern.compile("needs the input '([^']+)'");

  private final Definition definition;
  private final List<InputField> fields;
  private final Form form;
  private final List<String> pointers;

  Blame(Definition definition, List<InputField> fields, Form form) {
    this.definition = definition;
    this.fields = fields;
    this.form = form;
    this.pointers = form.all().map(Control::pointer).filter(p -> !p.isEmpty()).toList();
  }

  /** The pointer of the field whose value stands where the finding points. */
  Optional<String> sure(Finding finding) {
    String sentence = finding.sentence();
    return finding.line() == 0
        ? Optional.of(shown(finding.path())).filter(pointer -> !pointer.isEmpty())
        : input(NEEDED, sentence)
            .or(() -> written(finding))
            .map(pointer -> deeper(pointer, sentence));
  }

  /** The pointer of a field that the sentence speaks of. */
  Optional<String> likely(Finding finding) {
    return input(INPUT, finding.sentence()).or(() -> fed(finding));
  }

  private Optional<String> input(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    return found.find()
        ? Optional.of(shown("/" + found.group(1).replace('.', '/'))).filter(p -> !p.isEmpty())
        : Optional.empty();
  }

  /** The nearest field at or around a pointer. */
  private String shown(String pointer) {
    String at = pointer;
    while (!at.isEmpty() && !pointers.contains(at)) {
      at = at.substring(0, at.lastIndexOf('/'));
    }
    return at;
  }

  /** The field of the parameter that a sentence names. */
  private String deeper(String pointer, String sentence) {
    Matcher named = PARAMETER.matcher(sentence);
    while (named.find()) {
      String name = named.group(1) == null ? named.group(2) : named.group(1);
      if (pointers.contains(pointer + "/" + name)) {
        return pointer + "/" + name;
      }
    }
    return pointer;
  }

  /** The input that stands where the finding points in the definition. */
  private Optional<String> written(Finding finding) {
    JsonNode at = definition.json();
    List<String> steps = Arrays.asList(finding.path().split("/"));
    for (int i = 1; i < steps.size() && at.isContainerNode(); i++) {
      at = at.isArray() ? at.path(Integer.parseInt(steps.get(i))) : at.path(steps.get(i));
      if (at.isTextual()) {
        String rest = String.join("/", steps.subList(i + 1, steps.size()));
        Optional<String> input = input(INPUT, at.textValue());
        return input.isPresent()
            ? input.map(pointer -> shown(rest.isEmpty() ? pointer : pointer + "/" + rest))
            : made(at.textValue(), steps.getLast());
      }
    }
    List<String> read = texts(at).flatMap(text -> input(INPUT, text).stream()).distinct().toList();
    return read.size() == 1 ? Optional.of(read.getFirst()) : Optional.empty();
  }

  /** The input that a template made a list of: the one whose elements have the field. */
  private Optional<String> made(String expression, String field) {
    var inputs = new ArrayList<String>();
    collect(expression, inputs, 0);
    return inputs.stream()
        .filter(pointer -> elements(pointer).anyMatch(each -> each.has(field)))
        .findFirst()
        .or(() -> inputs.stream().findFirst());
  }

  private void collect(String expression, List<String> into, int depth) {
    input(INPUT, expression).ifPresent(into::add);
    Matcher made = OUTPUT.matcher(expression);
    if (made.find() && depth < 5) {
      definition.tasks().stream()
          .filter(task -> task.reference().equals(made.group(1)))
          .flatMap(task -> texts(task.json().path("inputParameters")))
          .forEach(text -> collect(text, into, depth + 1));
    }
  }

  private static Stream<String> texts(JsonNode node) {
    return node.isTextual()
        ? Stream.of(node.textValue())
        : node.valueStream().flatMap(Blame::texts);
  }

  private Stream<JsonNode> elements(String pointer) {
    JsonNode list = form.inputs().at(pointer);
    return list.isArray() ? list.valueStream() : Stream.of(MissingNode.getInstance());
  }

  /** The input that feeds the parameter which the check names, where it found fault with a task. */
  private Optional<String> fed(Finding finding) {
    JsonNode at = definition.json();
    String task = "";
    for (String step : finding.path().split("/")) {
      at = step.isEmpty() ? at : at.isArray() ? at.path(Integer.parseInt(step)) : at.path(step);
      task = at.path("taskReferenceName").asText(task);
    }
    Matcher named = PARAMETER.matcher(finding.sentence());
    while (named.find()) {
      String name = named.group(1) == null ? named.group(2) : named.group(1);
      for (String pointer : pointers) {
        if (feeds(pointer, task, name)) {
          return Optional.of(pointer);
        }
      }
    }
    return Optional.empty();
  }

  private boolean feeds(String pointer, String task, String parameter) {
    List<InputField> at = fields;
    for (String step : pointer.substring(1).split("/")) {
      Optional<InputField> field = at.stream().filter(f -> f.name().equals(step)).findFirst();
      if (field.isEmpty()) {
        return false;
      }
      if (field.get().takes() instanceof InputField.Fields(List<InputField> within)) {
        at = within;
      } else {
        return field.get().feeds().stream()
            .anyMatch(feed -> feed.task().equals(task) && feed.parameter().equals(parameter));
      }
    }
    return false;
  }
}
