package dev.palimpsest.console.artifacts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.RecentlyUsed;
import dev.palimpsest.console.artifacts.ArtifactIndex.Snapshot;
import dev.palimpsest.console.web.Charts;
import dev.palimpsest.console.web.Request;
import dev.palimpsest.console.web.TableView;
import dev.palimpsest.console.web.Words;
import dev.palimpsest.report.Table;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Formats;
import dev.palimpsest.tasks.TensorSummary;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;

/** Makes previews, from summaries and parts of artifacts; only small documents are read whole. */
final class Previews {
  /** A longer document is handed out, and not shown. */
  private static final long LONGEST = 4 << 20;

  private static final int MOST_COLUMNS = 64;

  private static final int MOST_OPEN = 32;

  private final Artifacts artifacts;

  /** Files whose header was read; an artifact never changes. */
  private final Map<Reference, TensorFile> open = RecentlyUsed.map(MOST_OPEN);

  Previews(Artifacts artifacts) {
    this.artifacts = artifacts;
  }

  /**
   * @param made where it was made, for what stands beside it
   * @param request says which page of it is shown, and in which order
   */
  Preview of(Reference reference, Optional<Known.Made> made, Snapshot index, Request request) {
    try {
      return switch (ArtifactType.of(reference.artifact())) {
        case DATASET, CHECKPOINT, MEMORY -> tensors(reference, request);
        case POISON_PLAN -> plan(reference, made, index, request);
        case TABLE -> table(reference, request);
        case METRICS -> metrics(reference, request);
        case FIGURE -> figure(reference, made);
        case RESULT -> new Preview.Document(JsonTree.of(document(reference)));
      };
    } catch (Mistake e) {
      return new Preview.Nothing(e.getMessage() + " It can be downloaded none the less.");
    }
  }

  /** A data set, or a memory that holds images. */
  static ImageSheet.Choice choice(Request request) {
    return new ImageSheet.Choice(
        request.query("label").filter(text -> text.matches("[0-9]{1,6}")).map(Integer::valueOf),
        ArtifactPages.number(request, "page", 1));
  }

  private Preview tensors(Reference reference, Request request) {
    TensorFile file = open(reference);
    boolean dataset = reference.artifact().equals(ArtifactType.DATASET.label());
    if (!ImageSheet.in(file)) {
      return new Preview.Tensors(table(file, request));
    }
    return new Preview.Images(
        ImageSheet.of(file, choice(request)),
        dataset ? Optional.empty() : Optional.of(table(file, request)));
  }

  private TensorTable table(TensorFile file, Request request) {
    Reference reference = file.reference();
    TensorSummary summary =
        artifacts
            .summary(reference)
            .map(bytes -> Json.read("its summary", bytes, TensorSummary.class))
            .orElseThrow(() ->
                new Mistake(
                    "The "
                        + reference.artifact()
                        + " has no summary in the store; running its stage again writes one."));
    Optional<TensorTable.Order> order =
        request
            .query("sort")
            .flatMap(TensorTable.Key::of)
            .map(key -> new TensorTable.Order(key, request.query("desc").isPresent()));
    return TensorTable.of(
        summary,
        order,
        ArtifactPages.number(request, "tensors", 1),
        "/artifacts/" + reference.sha256().hex() + "?");
  }

  private Preview plan(
      Reference reference, Optional<Known.Made> made, Snapshot index, Request request) {
    TensorFile plan = open(reference);
    Optional<Reference> data = made.flatMap(by -> dataset(by, index));
    Optional<String> figure =
        made.flatMap(by -> figure(by, index))
            .map(drawing -> "/artifacts/" + drawing.sha256().hex() + "/figure.svg");
    return new Preview.Plan(
        PlanView.of(
            plan, data.flatMap(this::images), figure, ArtifactPages.number(request, "page", 1)),
        table(plan, request));
  }

  /** The data set that the stage of a plan had. */
  private static Optional<Reference> dataset(Known.Made made, Snapshot index) {
    return index.inputs().getOrDefault(made.key(), Map.of()).values().stream()
        .flatMap(digest -> index.find(digest).stream())
        .map(Known::reference)
        .filter(input -> input.artifact().equals(ArtifactType.DATASET.label()))
        .findFirst();
  }

  /** The drawing that a stage made beside its other outputs. */
  private static Optional<Reference> figure(Known.Made made, Snapshot index) {
    return index.runs().stream()
        .filter(part -> part.name().equals(made.by()))
        .flatMap(part -> part.made().stream())
        .filter(other -> other.task().equals(made.task()))
        .map(Known.Made::reference)
        .filter(other -> other.artifact().equals(ArtifactType.FIGURE.label()))
        .findFirst();
  }

  /** A data set as a file of images, unless it is lost or holds none. */
  Optional<TensorFile> images(Reference data) {
    try {
      return artifacts.present(data)
          ? Optional.of(open(data)).filter(ImageSheet::in)
          : Optional.empty();
    } catch (Mistake e) {
      return Optional.empty();
    }
  }

  private TensorFile open(Reference reference) {
    TensorFile known = open.get(reference);
    if (known != null) {
      return known;
    }
    TensorFile opened = TensorFile.open(artifacts, reference);
    open.put(reference, opened);
    return opened;
  }

  TensorFile file(Digest digest) {
    List<Reference> found = artifacts.starting(digest.hex());
    if (found.isEmpty()) {
      throw new Mistake("There is no artifact " + digest.brief() + ".");
    }
    return open(found.getFirst());
  }

  private Preview table(Reference reference, Request request) {
    Table table = Json.read("The table", document(reference), Table.class);
    return new Preview.Results(
        TableView.of(
            table, TableView.order(request), "/artifacts/" + reference.sha256().hex() + "?"));
  }

  private Preview metrics(Reference reference, Request request) {
    List<JsonNode> lines = Formats.lines("The metrics", bytes(reference));
    SequencedSet<String> names = new LinkedHashSet<>();
    SequencedSet<String> drawable = new LinkedHashSet<>();
    for (JsonNode line : lines) {
      line.properties()
          .forEach(field -> {
            if (names.size() < MOST_COLUMNS) {
              names.add(field.getKey());
            }
            if (field.getValue().isNumber() && names.contains(field.getKey())) {
              drawable.add(field.getKey());
            }
          });
    }
    drawable.removeAll(List.of("epoch", "gradientEvaluations"));
    List<String> asked =
        request.context().queryParams("y").stream().filter(drawable::contains).toList();
    List<JsonNode> shown = new ArrayList<>();
    for (JsonNode line : lines) {
      ObjectNode kept = Json.object();
      line.properties()
          .forEach(field -> {
            if (asked.isEmpty()
                || asked.contains(field.getKey())
                || field.getKey().equals("epoch")) {
              kept.set(field.getKey(), field.getValue());
            }
          });
      shown.add(kept);
    }
    return new Preview.Curves(
        drawable.stream()
            .map(name -> new Preview.Column(name, asked.isEmpty() || asked.contains(name)))
            .toList(),
        lines.size() < 2
            ? List.of()
            : Charts.of(Map.of("", shown)).stream().map(Charts::html).toList(),
        lines.size(),
        values(lines, names, reference, request));
  }

  private static TableView values(
      List<JsonNode> lines, SequencedSet<String> names, Reference reference, Request request) {
    List<String> columns = new ArrayList<>(names);
    columns.remove("epoch");
    if (names.contains("epoch")) {
      columns.addFirst("epoch");
    }
    boolean whole = columns.isEmpty();
    Table table =
        new Table(
            "",
            whole
                ? List.of(Table.Column.text("nothing"))
                : columns.stream().map(name -> column(name, lines)).toList(),
            whole
                ? List.of()
                : lines.stream()
                    .map(line -> columns.stream().map(name -> cell(line.path(name))).toList())
                    .toList(),
            List.of());
    return TableView.of(
        table, TableView.order(request), "/artifacts/" + reference.sha256().hex() + "?");
  }

  private static Table.Column column(String name, List<JsonNode> lines) {
    boolean text = lines.stream().anyMatch(line -> line.path(name).isTextual());
    boolean whole =
        lines.stream()
            .map(line -> line.path(name))
            .allMatch(value -> value.isMissingNode() || value.isIntegralNumber());
    return text ? Table.Column.text(name) : Table.Column.number("", name, "", whole ? 0 : 4);
  }

  private static Table.Cell cell(JsonNode value) {
    if (value.isNumber() && Double.isFinite(value.doubleValue())) {
      return Table.Cell.of(value.doubleValue());
    }
    return value.isMissingNode()
        ? Table.Cell.none()
        : Table.Cell.of(value.isTextual() ? value.textValue() : value.toString());
  }

  private static Preview figure(Reference reference, Optional<Known.Made> made) {
    return new Preview.Figure(
        "/artifacts/" + reference.sha256().hex() + "/figure.svg",
        made.map(by -> by.output() + " of " + by.task()).orElse("Figure"));
  }

  private JsonNode document(Reference reference) {
    return Formats.document("The " + reference.artifact(), bytes(reference));
  }

  /** All of a small document, checked against its digest. */
  byte[] bytes(Reference reference) {
    if (reference.bytes() > LONGEST) {
      throw new Mistake(
          "With "
              + Words.size(reference.bytes())
              + " it is too long to be shown; expected at most "
              + Words.size(LONGEST)
              + ".");
    }
    return artifacts.read(reference);
  }
}
