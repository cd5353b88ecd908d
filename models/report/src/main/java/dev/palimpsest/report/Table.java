package dev.palimpsest.report;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * A table of results, as it is stored; {@link TextTable}, {@link MarkdownTable}, {@link CsvTable}
 * and {@link LatexTable} write it for readers.
 *
 * @param title one line; may be empty
 * @param columns at least one
 * @param rows cells in the order of the columns, as many in each row as there are columns
 * @param notes sentences printed below the table
 */
public record Table(String title, List<Column> columns, List<List<Cell>> rows, List<String> notes) {

  /** Throws {@link Mistake} when a row does not have one cell for each column. */
  public Table {
    columns = List.copyOf(columns);
    rows = rows.stream().map(List::copyOf).toList();
    notes = List.copyOf(notes);
    if (columns.isEmpty()) {
      throw new Mistake("table '" + title + "' has no columns; expected at least one.");
    }
    for (int i = 0; i < rows.size(); i++) {
      int cells = rows.get(i).size();
      if (cells != columns.size()) {
        throw new Mistake(
            "row "
                + (i + 1)
                + " of table '"
                + title
                + "' has "
                + cells
                + " cells; expected "
                + columns.size()
                + ", one for each column.");
      }
    }
  }

  /** The cells of a column as readers see them, from top to bottom. */
  public List<String> texts(int column) {
    return Shown.column(this, column);
  }

  /** On which side the cells of a column stand. */
  public enum Align {
    LEFT,
    RIGHT;

    /** The side as it stands in JSON. */
    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A column.
   *
   * @param group the heading that it shares with its neighbours ({@code after ft}); empty for none
   * @param name its own heading
   * @param unit unit of its numbers ({@code %}, {@code s}); empty for none
   * @param decimals digits after the point when its numbers are shown, 0 to 12
   */
  public record Column(String group, String name, String unit, int decimals, Align align) {
    /** Throws {@link Mistake} when {@code decimals} is out of range. */
    public Column {
      if (decimals < 0 || decimals > 12) {
        throw new Mistake(
            "column '" + name + "' shows " + decimals + " decimals; expected 0 to 12.");
      }
    }

    /** A column of text. */
    public static Column text(String name) {
      return new Column("", name, "", 0, Align.LEFT);
    }

    /** A column of numbers. */
    public static Column number(String group, String name, String unit, int decimals) {
      return new Column(group, name, unit, decimals, Align.RIGHT);
    }

    /** Name and unit: {@code accuracy %}. */
    public String heading() {
      return unit.isEmpty() ? name : name + " " + unit;
    }

    /** Group, name and unit in one line: {@code before: accuracy (%)}. */
    String fullHeading() {
      return (group.isEmpty() ? "" : group + ": ")
          + (unit.isEmpty() ? name : name + " (" + unit + ")");
    }
  }

  /**
   * What one cell holds. In JSON a string, a number, or an object {@code {"value": 81.5, "spread":
   * 3.2}}.
   */
  public sealed interface Cell permits Text, Value {
    /** A cell of text. */
    static Cell of(String text) {
      return new Text(text);
    }

    /** A number. */
    static Cell of(double value) {
      return new Value(value, OptionalDouble.empty());
    }

    /** A number with its spread, such as the standard deviation over seeds. */
    static Cell of(double value, double spread) {
      return new Value(value, OptionalDouble.of(spread));
    }

    /** A finite number as text with so many significant digits, where a column spans magnitudes. */
    static Cell significant(double value, int digits) {
      return of(Numbers.significant(value, digits));
    }

    /** A cell that was not measured. */
    static Cell none() {
      return new Text("");
    }

    @JsonCreator
    static Cell read(JsonNode json) {
      if (json.isTextual()) {
        return of(json.textValue());
      }
      if (json.isNumber()) {
        return of(json.doubleValue());
      }
      if (json instanceof ObjectNode object
          && object.size() == 2
          && object.path("value").isNumber()
          && object.path("spread").isNumber()) {
        return of(object.path("value").doubleValue(), object.path("spread").doubleValue());
      }
      throw new Mistake(
          "a cell is " + json + "; expected text, a number, or an object with value and spread");
    }
  }

  /**
   * A cell of text.
   *
   * @param text empty where nothing was measured
   */
  public record Text(String text) implements Cell {
    @JsonValue
    JsonNode json() {
      return TextNode.valueOf(text);
    }
  }

  /**
   * A cell with a number.
   *
   * @param value finite, in the column's unit
   * @param spread finite and not negative, in the same unit
   */
  public record Value(double value, OptionalDouble spread) implements Cell {
    /** Throws {@link Mistake} for what is not finite, and for a negative spread. */
    public Value {
      if (!Double.isFinite(value)) {
        throw new Mistake("a cell is " + value + "; expected a finite number");
      }
      if (spread.isPresent() && !(spread.getAsDouble() >= 0 && spread.getAsDouble() < 1e300)) {
        throw new Mistake(
            "a cell's spread is " + spread.getAsDouble() + "; expected 0 or a finite number above");
      }
    }

    @JsonValue
    JsonNode json() {
      if (spread.isEmpty()) {
        return DoubleNode.valueOf(value);
      }
      return Json.object().put("value", value).put("spread", spread.getAsDouble());
    }
  }
}
