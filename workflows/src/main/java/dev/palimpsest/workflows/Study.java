package dev.palimpsest.workflows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A study: a workflow, the data it is run on, and its inputs. On disk a folder with {@code
 * study.json}.
 *
 * @param folder where it lies; relative paths start here
 */
public record Study(Path folder, Content content) {
  /** The file's name. */
  public static final String FILE = "study.json";

  private static final ObjectMapper VALUES = new ObjectMapper();

  /**
   * What the file says.
   *
   * @param study its name
   * @param about the question it answers, in a line
   * @param workflow a shipped workflow's name, or the path of a definition
   * @param data the folder of the data set, which becomes the inputs {@code data.train} and {@code
   *     data.test}
   * @param inputs the workflow's inputs that differ from its defaults
   */
  public record Content(
      String study, String about, String workflow, Optional<String> data, ObjectNode inputs) {}

  /** Reads a study's folder, or its file. */
  public static Study read(Path path) {
    Path file = Files.isDirectory(path) ? path.resolve(FILE) : path;
    if (!Files.isRegularFile(file)) {
      throw new Mistake(
          "No study at "
              + path
              + "; expected a folder with a file "
              + FILE
              + ", such as examples/sbl-quickstart.");
    }
    try {
      Path folder = file.toAbsolutePath().resolveSibling("");
      return new Study(folder, Json.read(file.toString(), Files.readAllBytes(file), Content.class));
    } catch (IOException e) {
      throw new Mistake("The study " + file + " cannot be read: " + e.getMessage() + ".", e);
    }
  }

  /** The workflow that it runs. */
  public Definition definition() {
    return Definition.find(content.workflow(), folder);
  }

  /**
   * Its inputs with one setting changed.
   *
   * @param setting {@code path.to.input=value}; the value is JSON, or else text
   */
  public static void set(ObjectNode inputs, String setting) {
    int equals = setting.indexOf('=');
    if (equals <= 0) {
      throw new Mistake(
          "--set " + setting + " is no setting; expected name=value, such as seed=7.");
    }
    String[] path = setting.substring(0, equals).split("\\.");
    ObjectNode at = inputs;
    for (int i = 0; i < path.length - 1; i++) {
      JsonNode next = at.get(path[i]);
      if (next instanceof ObjectNode object) {
        at = object;
      } else if (next != null && next.isTextual()) {
        // A method chosen by its bare name: its parameters go beside the name.
        at = at.putObject(path[i]).put("method", next.textValue());
      } else if (next == null) {
        at = at.putObject(path[i]);
      } else {
        throw new Mistake(
            "--set " + setting + ": '" + path[i] + "' is " + next + " and holds no further names.");
      }
    }
    at.set(path[path.length - 1], value(setting.substring(equals + 1)));
  }

  private static JsonNode value(String text) {
    try {
      JsonNode value = VALUES.readTree(text);
      return value.isMissingNode() ? TextNode.valueOf(text) : value;
    } catch (JsonProcessingException e) {
      return TextNode.valueOf(text);
    }
  }
}
