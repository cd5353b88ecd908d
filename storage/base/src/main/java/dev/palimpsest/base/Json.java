package dev.palimpsest.base;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.AnnotationIntrospector;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.introspect.NopAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.erdtman.jcs.JsonCanonicalizer;
import org.jspecify.annotations.Nullable;

/** The one way JSON is read and written: strict in what it takes, canonical where it is hashed. */
public final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .serializationInclusion(JsonInclude.Include.NON_ABSENT)
          .addModules(new Jdk8Module(), Optionals.module())
          .withCoercionConfig(
              LogicalType.Textual,
              texts ->
                  texts
                      .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .annotationIntrospector(
              AnnotationIntrospector.pair(
                  new RequiredUnlessOptional(), new JacksonAnnotationIntrospector()))
          .build();

  /** Up to here a double holds every whole number. */
  private static final BigInteger LARGEST_EXACT = BigInteger.valueOf((1L << 53) - 1);

  /** How Jackson says that a field of a record is not there, or null. */
  private static final Pattern NOT_GIVEN =
      Pattern.compile("(?:Missing required|Null value for) creator property '([^']+)'.*");

  private Json() {}

  /** Every field of a record must be given, but an {@link Optional} one, which is then empty. */
  private static final class RequiredUnlessOptional extends NopAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable Boolean hasRequiredMarker(AnnotatedMember member) {
      return member instanceof AnnotatedParameter ? member.getRawType() != Optional.class : null;
    }
  }

  /**
   * Reads a value; unknown, missing, null and repeated fields are refused. An {@link Optional}
   * field may be missing or null: it is empty then.
   *
   * @param what what the text is, for the error's sentence ("parameters of stage fine-tune")
   * @throws Mistake naming the field and what was expected of it
   */
  public static <T> T read(String what, byte[] text, Class<T> type) {
    try {
      return MAPPER.readValue(text, type);
    } catch (IOException e) {
      throw mistake(what, e);
    }
  }

  /** As {@link #read(String, byte[], Class)}, from text. */
  public static <T> T read(String what, String text, Class<T> type) {
    return read(what, text.getBytes(StandardCharsets.UTF_8), type);
  }

  /** As {@link #read(String, byte[], Class)}, from a tree. */
  public static <T> T read(String what, JsonNode tree, Class<T> type) {
    try {
      return MAPPER.treeToValue(tree, type);
    } catch (JsonProcessingException e) {
      throw mistake(what, e);
    }
  }

  /** Parses JSON text whose fields are not known in advance. */
  public static JsonNode parse(String what, byte[] text) {
    return read(what, text, JsonNode.class);
  }

  /** The tree of a value. */
  public static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /** An empty object to fill. */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** One line of JSON, fields in the order of their record. */
  public static String line(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Indented JSON for people, ending in a newline. */
  public static String pretty(Object value) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * RFC 8785 canonical JSON in UTF-8: equal values give equal bytes, and different ones different
   * bytes.
   *
   * @throws Mistake naming a number that it cannot tell from others: one that is not finite, or a
   *     whole one beyond 2^53 - 1, which RFC 8785 would round
   */
  public static byte[] canonical(Object value) {
    checkExact(tree(value), "");
    try {
      return new JsonCanonicalizer(line(value)).getEncodedUTF8();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void checkExact(JsonNode node, String path) {
    if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
      throw new Mistake("'" + path + "' is " + node.asText() + "; expected a finite number.");
    }
    if (node.isIntegralNumber() && node.bigIntegerValue().abs().compareTo(LARGEST_EXACT) > 0) {
      throw new Mistake(
          "'"
              + path
              + "' is "
              + node.asText()
              + "; expected at most "
              + LARGEST_EXACT
              + " in size, or a text.");
    }
    String within = path.isEmpty() ? "" : path + ".";
    node.properties().forEach(field -> checkExact(field.getValue(), within + field.getKey()));
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      checkExact(node.get(i), path + "[" + i + "]");
    }
  }

  private static Mistake mistake(String what, IOException e) {
    if (e instanceof UnrecognizedPropertyException unknown) {
      String known =
          unknown.getKnownPropertyIds() == null
              ? ""
              : unknown.getKnownPropertyIds().stream()
                  .map(Object::toString)
                  .sorted()
                  .collect(Collectors.joining(", "));
      return new Mistake(
          what + ": unknown field '" + path(unknown) + "'; expected one of " + known + ".", e);
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof Mistake mistake) {
        return new Mistake(what + ": " + mistake.getMessage(), e);
      }
    }
    if (e instanceof JsonMappingException mapping) {
      Matcher notGiven = NOT_GIVEN.matcher(firstLine(mapping.getOriginalMessage()));
      if (notGiven.matches()) {
        String within = path(mapping);
        String name = notGiven.group(1);
        String field =
            within.isEmpty() || within.equals(name) || within.endsWith("." + name)
                ? (within.isEmpty() ? name : within)
                : within + "." + name;
        return new Mistake(what + ": field '" + field + "' is missing.", e);
      }
      String said = firstLine(mapping.getOriginalMessage());
      if (said.startsWith("Trailing token")) {
        return new Mistake(what + ": behind its end stands more; expected one value.", e);
      }
      return new Mistake(
          what
              + at(mapping)
              + ": "
              + (mapping instanceof MismatchedInputException other && other.getTargetType() != null
                  ? "expected " + kind(other.getTargetType())
                  : said)
              + ".",
          e);
    }
    if (e instanceof JsonProcessingException syntax) {
      var where = syntax.getLocation();
      String place =
          where == null
              ? ""
              : " (line " + where.getLineNr() + ", column " + where.getColumnNr() + ")";
      String words = String.join("; ", JsonSyntax.words(syntax.getOriginalMessage()));
      return new Mistake(what + " is not valid JSON" + place + ": " + words + ".", e);
    }
    return new Mistake(what + " cannot be read: " + e.getMessage() + ".", e);
  }

  /** The JSON that a Java type is read from, as people say it. */
  private static String kind(Class<?> type) {
    if (type.isEnum()) {
      return Stream.of(type.getEnumConstants())
          .map(each -> tree(each).asText())
          .collect(Collectors.joining(", ", "one of ", ""));
    }
    return switch (type.getSimpleName()) {
      case "boolean", "Boolean" -> "true or false";
      case "int", "Integer", "long", "Long", "BigInteger" -> "an integer";
      case "float", "Float", "double", "Double" -> "a number";
      case "String", "Digest" -> "a text";
      case "List", "Set", "ArrayList", "ArrayNode" -> "a list";
      default -> type.isArray() ? "a list" : "an object";
    };
  }

  private static String at(JsonMappingException e) {
    String path = path(e);
    return path.isEmpty() ? "" : ", field '" + path + "'";
  }

  private static String path(JsonMappingException e) {
    var path = new StringBuilder();
    for (JsonMappingException.Reference step : e.getPath()) {
      @Nullable String field = step.getFieldName();
      if (field == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(field);
      }
    }
    return path.toString();
  }

  private static String firstLine(String message) {
    String line = message.lines().findFirst().orElse("");
    return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
  }
}
