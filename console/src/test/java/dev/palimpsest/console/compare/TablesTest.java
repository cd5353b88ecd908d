package dev.palimpsest.console.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.report.CsvTable;
import dev.palimpsest.report.Table;
import dev.palimpsest.report.Table.Cell;
import dev.palimpsest.report.Table.Column;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TablesTest {
  private static final Column MODEL = Column.text("model");
  private static final Column DEFENCE = Column.text("defence");
  private static final Column ACCURACY = Column.number("before", "acc", "%", 1);

  private static Optional<Table> table(List<Column> columns, List<List<Cell>> rows) {
    return Optional.of(new Table("", columns, rows, List.of()));
  }

  private static List<Cell> row(String model, double accuracy) {
    return List.of(Cell.of(model), Cell.of(accuracy));
  }

  @Test
  void rowsAreMatchedByTheirTextAndDifferencesAreToTheFirstRun() {
    Table together =
        Tables.together(
            "both",
            List.of("a", "b"),
            List.of(
                table(List.of(MODEL, ACCURACY), List.of(row("sbl", 86.25), row("plain", 85))),
                table(List.of(MODEL, ACCURACY), List.of(row("plain", 85), row("sbl", 80)))));
    assertThat(CsvTable.render(together))
        .isEqualTo(
            "model,before: acc (%): a,before: acc (%): b,before: acc (%): difference\r\n"
                + "sbl,86.25,80,-6.25\r\n"
                + "plain,85,85,0\r\n");
    assertThat(together.notes()).isEmpty();
  }

  @Test
  void whatOnlyOneRunHasIsShownAndSaid() {
    Table together =
        Tables.together(
            "both",
            List.of("a", "b", "c"),
            List.of(
                table(List.of(MODEL, ACCURACY), List.of(row("sbl", 1))),
                table(
                    List.of(MODEL, Column.number("", "time", "s", 1)),
                    List.of(row("sbl", 2), row("new", 3))),
                Optional.empty()));
    assertThat(CsvTable.render(together).lines().skip(1))
        .containsExactly("sbl,1,,,,,,2,,,", "new,,,,,,,3,,,");
    assertThat(together.notes())
        .containsExactly("Row 'sbl' is in a and b only.", "Row 'new' is in b only.");
  }

  @Test
  void asMuchTextNamesARowAsTellsAllRowsApart() {
    Table together =
        Tables.together(
            "",
            List.of("a", "b"),
            List.of(
                table(
                    List.of(MODEL, DEFENCE, ACCURACY),
                    List.of(
                        List.of(Cell.of("sbl"), Cell.of("ft"), Cell.of(1)),
                        List.of(Cell.of("sbl"), Cell.of("sam"), Cell.of(2)))),
                table(
                    List.of(MODEL, DEFENCE, ACCURACY),
                    List.of(List.of(Cell.of("sbl"), Cell.of("sam"), Cell.of(5))))));
    assertThat(CsvTable.render(together).lines().skip(1))
        .containsExactly("sbl,ft,1,,", "sbl,sam,2,5,3");
  }

  @Test
  void equalRowsAndRowsWithoutTextAreMatchedInTheirOrder() {
    Table twice =
        Tables.together(
            "",
            List.of("a", "b"),
            List.of(
                table(List.of(MODEL, ACCURACY), List.of(row("x", 1), row("x", 2))),
                table(List.of(MODEL, ACCURACY), List.of(row("x", 1), row("x", 4)))));
    assertThat(CsvTable.render(twice).lines().skip(1)).containsExactly("x,1,1,0", "x (2),2,4,2");
    Table bare =
        Tables.together(
            "",
            List.of("a", "b"),
            List.of(
                table(List.of(ACCURACY), List.of(List.of(Cell.of(1)))),
                table(List.of(ACCURACY), List.of(List.of(Cell.of(0))))));
    assertThat(CsvTable.render(bare).lines().skip(1)).containsExactly("1,1,0,-1");
  }

  @Test
  void aDifferenceIsShownBesideItsNumberAndIsThatOfTheShownNumbers() {
    Table together =
        Tables.together(
            "both",
            List.of("a", "b"),
            List.of(
                table(
                    List.of(MODEL, ACCURACY),
                    List.of(row("down", 93.14), row("up", 1), row("close", 1), row("same", 1))),
                table(
                    List.of(MODEL, ACCURACY),
                    List.of(
                        row("down", 62.56), row("up", 3.5), row("close", 1.04), row("same", 1)))));
    var sheet = new Sheet("t", together, "");
    assertThat(sheet.groups())
        .containsExactly(new Sheet.Group("", 1), new Sheet.Group("before: acc (%)", 2));
    assertThat(sheet.heads()).extracting(Sheet.Head::name).containsExactly("model", "a", "b");
    // 93.1 and 62.6 are shown; the fourth is equal, the third only as far as can be seen.
    assertThat(sheet.rows())
        .extracting(cells -> cells.getLast().difference().orElseThrow())
        .containsExactly("\u221230.5", "+2.5", "0.0", "=");
    assertThat(sheet.shown().texts(3)).containsExactly("-30.5", "2.5", "0.0", "0.0");
  }
}
