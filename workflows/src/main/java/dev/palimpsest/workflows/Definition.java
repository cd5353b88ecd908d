package dev.palimpsest.workflows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.tasks.RunJournal;
import dev.palimpsest.tasks.StageCall;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A Conductor workflow definition, and where the definitions of its sub-workflows are found: in its
 * own field {@code subWorkflows}, as {@code NAME.json} beside its file, or among the shipped ones.
 */
public final class Definition {
  private static final Pattern OUTPUT = Pattern.compile("\\$\\{\\s*([^{}.\\s]+)\\.output\\.");

  /** The names of those that come with Palimpsest. */
  public static final List<String> SHIPPED =
      List.of(
          "sbl", "sbl-arm", "sbl-compare", "sbl-anatomy", "continual", "continual-compare", "ilr");

  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]*");

  private final Place root;
  private final ObjectNode json;
  private final Library library;
  private final Optional<Finding> unreadable;

  private Definition(Place root, ObjectNode json, Library library, Optional<Finding> unreadable) {
    this.root = root;
    this.json = json;
    this.library = library;
    this.unreadable = unreadable;
  }

  /** Where sub-workflows are found by name. */
  private interface Library {
    Optional<Definition> find(String name);
  }

  /** A task of the definition, in the order in which it stands. */
  public record Task(String reference, String name, String type, JsonNode json) {
    public boolean isStage() {
      return type.equals("SIMPLE");
    }

    /** The sub-workflow that it runs, once or for each branch of a sweep. */
    public Optional<String> calls() {
      JsonNode called =
          type.equals("SUB_WORKFLOW")
              ? json.path("subWorkflowParam").path("name")
              : Template.of(this).filter(t -> t == Template.SWEEP_WORKFLOW).isPresent()
                  ? json.path("inputParameters").path("workflow")
                  : json.path("");
      return Optional.ofNullable(called.textValue());
    }
  }

  /**
   * A shipped definition by name, or one in a file.
   *
   * @param base the folder that a relative path starts from
   */
  public static Definition find(String nameOrPath, Path base) {
    if (SHIPPED.contains(nameOrPath)) {
      return shipped(nameOrPath);
    }
    if (!nameOrPath.endsWith(".json")) {
      throw new Mistake(
          Names.unknown("workflow", nameOrPath, SHIPPED)
              + " A definition of your own is given by the path of its .json file.");
    }
    return readable(read(base.resolve(nameOrPath), nameOrPath));
  }

  /** The definition of this name that comes with Palimpsest. */
  public static Definition shipped(String name) {
    String resource = "/dev/palimpsest/workflows/definitions/" + name + ".json";
    try (InputStream in = Definition.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not on the class path");
      }
      return of(name, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Parses a definition; throws {@link Mistake} unless it is a JSON object with a name. */
  public static Definition of(String source, byte[] text) {
    return readable(
        parsed(
            new Source(source, new String(text, StandardCharsets.UTF_8)), Definition::comesAlong));
  }

  /** Reads a text, whatever it holds: the check tells what is wrong with it. */
  static Definition read(Source source) {
    return parsed(source, Definition::comesAlong);
  }

  /**
   * Reads a file, whatever it holds: the check tells what is wrong with it.
   *
   * @param shown how findings name the file
   */
  static Definition read(Path file, String shown) {
    try {
      var source = new Source(shown, Files.readString(file));
      Path folder = file.toAbsolutePath().resolveSibling("");
      return parsed(source, name -> beside(folder, shown, name));
    } catch (IOException e) {
      throw new Mistake(
          "The definition " + file + " cannot be read; expected a Conductor workflow in JSON.", e);
    }
  }

  private static Definition parsed(Source source, Library library) {
    Place root = Place.root(source);
    Optional<Finding> unreadable = source.malformed();
    if (unreadable.isEmpty()) {
      JsonNode json = Json.parse(source.name(), source.text().getBytes(StandardCharsets.UTF_8));
      if (json instanceof ObjectNode object && json.path("name").isTextual()) {
        return new Definition(root, object, library, Optional.empty());
      }
      unreadable =
          Optional.of(
              source.finding(
                  FindingCode.NO_DEFINITION,
                  root,
                  "Definition " + source.name() + " has no name",
                  "expected a Conductor workflow: an object with name, version and tasks"));
    }
    return new Definition(root, Json.object(), library, unreadable);
  }

  private static Definition readable(Definition definition) {
    definition.unreadable.ifPresent(finding -> {
      throw new Mistake(
          finding.code() == FindingCode.NO_DEFINITION
              ? finding.sentence()
              : "Definition "
                  + finding.file()
                  + " is not valid JSON (line "
                  + finding.line()
                  + ", column "
                  + finding.column()
                  + "): "
                  + finding.sentence());
    });
    return definition;
  }

  private static Optional<Definition> beside(Path folder, String shown, String name) {
    Path file = folder.resolve(name + ".json");
    if (!NAME.matcher(name).matches() || !Files.isRegularFile(file)) {
      return comesAlong(name);
    }
    Path near = Path.of(shown).resolveSibling(name + ".json");
    return Optional.of(read(file, near.toString()));
  }

  private static Optional<Definition> comesAlong(String name) {
    return SHIPPED.contains(name) ? Optional.of(shipped(name)) : Optional.empty();
  }

  /** The sub-workflow of this name. */
  public Optional<Definition> subWorkflow(String name) {
    if (json.path("subWorkflows").get(name) instanceof ObjectNode embedded) {
      Place place = root.child("subWorkflows").child(name);
      return Optional.of(new Definition(place, embedded, this::subWorkflow, Optional.empty()));
    }
    return library.find(name);
  }

  /** Every sub-workflow that it calls, directly or through others, by name. */
  public Map<String, Definition> subWorkflows() {
    var all = new LinkedHashMap<String, Definition>();
    collect(all);
    return all;
  }

  private void collect(Map<String, Definition> into) {
    for (Task task : tasks()) {
      task.calls()
          .filter(name -> !into.containsKey(name))
          .flatMap(this::subWorkflow)
          .ifPresent(called -> {
            into.put(task.calls().orElseThrow(), called);
            called.collect(into);
          });
    }
  }

  /**
   * The definition with those of all its sub-workflows within it, so that nothing else is needed.
   */
  public ObjectNode whole() {
    Map<String, Definition> called = subWorkflows();
    ObjectNode whole = json.deepCopy();
    whole.remove("subWorkflows");
    if (!called.isEmpty()) {
      ObjectNode within = whole.putObject("subWorkflows");
      called.forEach((name, definition) -> {
        ObjectNode copy = definition.json.deepCopy();
        copy.remove("subWorkflows");
        within.set(name, copy);
      });
    }
    return whole;
  }

  /** What keeps the text from being read as a definition. */
  Optional<Finding> unreadable() {
    return unreadable;
  }

  /** Where it stands. */
  Place place() {
    return root;
  }

  /** The text that it was read from; that of the caller where it stands within one. */
  public String text() {
    return root.source().text();
  }

  /** The definition as it is written. */
  public ObjectNode json() {
    return json;
  }

  public String name() {
    return json.path("name").asText();
  }

  /** The workflow, as sentences name it. */
  String owner() {
    return "Workflow '" + name() + "'";
  }

  /** A task of it, as sentences name it. */
  String place(Task task) {
    return owner() + ", task '" + task.reference() + "'";
  }

  public int version() {
    return json.path("version").asInt(1);
  }

  /** Every task, those within forks, loops and switches included. */
  public List<Task> tasks() {
    return within(json.path("tasks"));
  }

  /** The tasks of a list, those within them included. */
  static List<Task> within(JsonNode list) {
    var tasks = new ArrayList<Task>();
    collect(list, tasks);
    return tasks;
  }

  /** The tasks of a list, those within them left out. */
  public static List<Task> direct(JsonNode list) {
    var tasks = new ArrayList<Task>();
    list.forEach(each -> tasks.add(task(each)));
    return tasks;
  }

  /** The names of all stages that a run may call, those of sub-workflows and sweeps included. */
  public Set<String> stageNames() {
    var names = new LinkedHashSet<String>();
    var definitions = new ArrayList<>(List.of(this));
    definitions.addAll(subWorkflows().values());
    for (Definition each : definitions) {
      for (Task task : each.tasks()) {
        if (task.isStage()) {
          names.add(task.name());
        } else if (Template.of(task).filter(t -> t == Template.SWEEP_STAGE).isPresent()) {
          names.add(task.json().path("inputParameters").path("stage").asText());
        }
      }
    }
    return names;
  }

  /** The tasks that are stages. */
  public List<Task> stages() {
    return tasks().stream().filter(Task::isStage).toList();
  }

  /** The stages whose outputs no other task takes: what a run is for. */
  public List<Task> last() {
    String inputs =
        tasks().stream()
            .map(task -> task.json().path("inputParameters").toString())
            .collect(Collectors.joining());
    Set<String> taken =
        OUTPUT.matcher(inputs).results().map(each -> each.group(1)).collect(Collectors.toSet());
    return stages().stream().filter(task -> !taken.contains(task.reference())).toList();
  }

  /** The value of an input that is not given: from {@code inputTemplate}. */
  public Optional<JsonNode> defaultOf(String input) {
    return Optional.ofNullable(json.path("inputTemplate").get(input));
  }

  /** What the definition says it takes. */
  public List<String> inputs() {
    var inputs = new ArrayList<String>();
    json.path("inputParameters").forEach(name -> inputs.add(name.asText()));
    return inputs;
  }

  /** What a run ran. */
  public static Definition of(RunJournal.Run run) {
    return of("of run " + run.run(), Json.canonical(run.definition()));
  }

  /**
   * This definition with every stage, wherever it stands, computed anew for a verification of this
   * name.
   */
  Definition again(String verification) {
    ObjectNode marked = whole();
    mark(marked, verification);
    return of(name(), Json.canonical(marked));
  }

  private static void mark(JsonNode within, String verification) {
    within.forEach(each -> mark(each, verification));
    if (within instanceof ObjectNode object && object.has("taskReferenceName")) {
      Task task = task(object);
      if (task.isStage() || Template.of(task).filter(t -> t == Template.SWEEP_STAGE).isPresent()) {
        object.withObject("/inputParameters").put(StageCall.AGAIN, verification);
      }
    }
  }

  static Task task(JsonNode json) {
    return new Task(
        json.path("taskReferenceName").asText(),
        json.path("name").asText(),
        json.path("type").asText("SIMPLE"),
        json);
  }

  private static void collect(JsonNode list, List<Task> into) {
    for (JsonNode each : list) {
      into.add(task(each));
      each.path("forkTasks").forEach(branch -> collect(branch, into));
      collect(each.path("loopOver"), into);
      each.path("decisionCases").forEach(branch -> collect(branch, into));
      collect(each.path("defaultCase"), into);
    }
  }
}
