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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A Conductor workflow definition.
 *
 * @param source where it was read, for sentences
 */
public record Definition(String source, ObjectNode json) {
  private static final List<String> SHIPPED = List.of("sbl");

  /** A task of the definition, in the order in which it stands. */
  public record Task(String reference, String name, String type, JsonNode json) {
    public boolean isStage() {
      return type.equals("SIMPLE");
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
    Path file = base.resolve(nameOrPath);
    try {
      return of(nameOrPath, Files.readAllBytes(file));
    } catch (IOException e) {
      throw new Mistake(
          "The definition " + file + " cannot be read; expected a Conductor workflow in JSON.", e);
    }
  }

  /** The definition of this name that comes with Palimpsest. */
  static Definition shipped(String name) {
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
    JsonNode json = Json.parse("definition " + source, text);
    if (!(json instanceof ObjectNode object) || !json.path("name").isTextual()) {
      throw new Mistake(
          "Definition "
              + source
              + " has no name; expected a Conductor workflow: an object with name, version and tasks.");
    }
    return new Definition(source, object);
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

  /** Every task, those within forks and loops included. */
  public List<Task> tasks() {
    var tasks = new ArrayList<Task>();
    collect(json.path("tasks"), tasks);
    return tasks;
  }

  /** The tasks that are stages. */
  public List<Task> stages() {
    return tasks().stream().filter(Task::isStage).toList();
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
    ObjectNode copy = json.deepCopy();
    mark(copy.path("tasks"), verification);
    return new Definition(source, copy);
  }

  private static void mark(JsonNode within, String verification) {
    within.forEach(each -> mark(each, verification));
    if (within instanceof ObjectNode object
        && object.has("taskReferenceName")
        && task(object).isStage()) {
      object.withObject("inputParameters").put(StageCall.AGAIN, verification);
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
