package dev.palimpsest.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.spec.Field;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Port;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Every stage and method of a catalogue with its parameters, as one page in Markdown. */
record ReferencePage(Catalogue catalogue) {
  private static final String HEAD =
      """
      # Reference

      Every stage and method with its parameters, made from the catalogue by `./palimpsest reference >docs/reference.md`. Do not edit this page: a summary, a range or a default stands in the class it is about.

      A *stage* is a step of a workflow; it takes artifacts and makes artifacts. A *method* is what a stage's parameter chooses by name: bare (`"attack": "badnets"`, all defaults), or with parameters beside it (`"attack": {"method": "badnets", "size": 5}`). A parameter `a.b` is field `b` of the object `a`. One without a default must be given. Whatever is unknown or out of range is refused before a run starts.
      """;

  String markdown() {
    var page = new StringBuilder(HEAD);
    page.append("\n## Stages\n\n");
    page.append(
        table(
            List.of("Stage", "Lane", "What it does"),
            catalogue.stages().stream()
                .map(stage -> List.of(link(stage.name()), stage.lane().label(), stage.summary()))
                .toList()));
    for (Catalogue.StageEntry stage : catalogue.stages()) {
      page.append("\n### ").append(stage.name()).append("\n\n");
      page.append(stage.summary()).append(" Lane: ").append(stage.lane().label()).append(".\n\n");
      page.append(ports("Input", stage.inputs()));
      page.append('\n').append(ports("Output", stage.outputs()));
      page.append('\n').append(parameters(stage.parameters()));
    }
    for (Kind kind : Kind.values()) {
      List<Catalogue.MethodEntry> methods =
          catalogue.methods().stream().filter(method -> method.kind() == kind).toList();
      if (!methods.isEmpty()) {
        page.append("\n## ").append(plural(kind)).append('\n');
      }
      for (Catalogue.MethodEntry method : methods) {
        page.append("\n### ").append(method.name()).append("\n\n");
        page.append(method.summary());
        method.needs().ifPresent(needs -> page.append(" Needs ").append(needs).append('.'));
        page.append("\n\n> ").append(method.citation().text()).append("\n\n");
        page.append(parameters(method.parameters()));
      }
    }
    return page.toString();
  }

  private static String plural(Kind kind) {
    return switch (kind) {
      case DATA -> "Data formats";
      case NETWORK -> "Networks";
      case ATTACK -> "Attacks";
      case DEFENCE -> "Defences";
      case DETECTOR -> "Detectors";
      case LEARNER -> "Learners";
      case RECTIFIER -> "Rectifiers";
      case MEASURE -> "Measures";
    };
  }

  private static String ports(String heading, List<Port> ports) {
    return table(
        List.of(heading, "Artifact", "What it is"),
        ports.stream()
            .map(port ->
                List.of(
                    code(port.name()),
                    port.type().label() + (port.many() ? ", several by name" : ""),
                    port.help() + (port.optional() ? " (optional)" : "")))
            .toList());
  }

  private static String parameters(List<Field> fields) {
    if (fields.isEmpty()) {
      return "No parameters.\n";
    }
    var rows = new ArrayList<List<String>>();
    addRows("", fields, rows);
    return table(List.of("Parameter", "Type", "Default", "Range", "What it is"), rows);
  }

  private static void addRows(String prefix, List<Field> fields, List<List<String>> rows) {
    for (Field field : fields) {
      String name = prefix + field.name();
      if (!field.fields().isEmpty()) {
        addRows(name + ".", field.fields(), rows);
        continue;
      }
      rows.add(
          List.of(
              code(name),
              field.type().equals("choice") ? "method" : field.type(),
              field.value().map(ReferencePage::value).orElse(""),
              range(field),
              field.help()));
    }
  }

  private static String value(JsonNode value) {
    return code(value.isNumber() ? number(value.doubleValue()) : value.toString());
  }

  private static String range(Field field) {
    if (field.choose().isPresent()) {
      String kind = plural(field.choose().get());
      return "[" + kind.toLowerCase(Locale.ROOT) + "](#" + anchor(kind) + ")";
    }
    if (!field.options().isEmpty()) {
      return field.options().stream().map(ReferencePage::code).collect(Collectors.joining(", "));
    }
    Optional<String> least = field.min().map(ReferencePage::number);
    Optional<String> most = field.max().map(ReferencePage::number);
    if (least.isPresent() && most.isPresent()) {
      return least.get() + " to " + most.get();
    }
    return least.map(number -> "at least " + number).orElse("")
        + most.map(number -> "at most " + number).orElse("");
  }

  private static String number(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  private static String table(List<String> header, List<List<String>> rows) {
    var table = new StringBuilder(row(header));
    table.append(row(header.stream().map(cell -> "---").toList()));
    rows.forEach(row -> table.append(row(row)));
    return table.toString();
  }

  private static String row(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  private static String code(String text) {
    return "`" + text + "`";
  }

  private static String link(String heading) {
    return "[" + heading + "](#" + anchor(heading) + ")";
  }

  private static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replace(' ', '-');
  }
}
