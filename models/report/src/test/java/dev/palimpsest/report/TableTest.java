package dev.palimpsest.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class TableTest {
  private static final Table SPREAD =
      new Table(
          "",
          List.of(
              Table.Column.text("a_b | c"),
              Table.Column.number("", "loss", "nats", 2),
              Table.Column.number("50% & more", "x", "", 1)),
          List.of(
              List.of(
                  Table.Cell.of("say \"hi\", you\nthere"),
                  Table.Cell.of(0.125, 0.0625),
                  Table.Cell.of(-3)),
              List.of(Table.Cell.of("[x] $5 #1 {y} ~^\\"), Table.Cell.of(12), Table.Cell.none())),
          List.of());

  @Test
  void aTableComesBackFromItsJson() {
    for (Table table : List.of(Samples.table(), SPREAD)) {
      String json = Json.line(table);
      Table back = Json.read("table", json, Table.class);
      assertThat(back).isEqualTo(table);
      assertThat(Json.line(back)).isEqualTo(json);
    }
  }

  @Test
  void cellsAreTextNumberOrNumberWithSpreadInJson() {
    assertThat(Json.line(SPREAD.rows()))
        .isEqualTo(
            "[[\"say \\\"hi\\\", you\\nthere\",{\"value\":0.125,\"spread\":0.0625},-3.0],"
                + "[\"[x] $5 #1 {y} ~^\\\\\",12.0,\"\"]]");
  }

  @Test
  void aCellOfAnotherShapeIsRefused() {
    String json = Json.line(SPREAD).replace("\"spread\":", "\"error\":");
    assertThatThrownBy(() -> Json.read("table", json, Table.class))
        .isInstanceOf(Mistake.class)
        .hasMessageContainingAll("table", "\"error\"", "expected text, a number");
  }

  @Test
  void aRowOfTheWrongLengthIsRefused() {
    List<List<Table.Cell>> rows = List.of(List.of(Table.Cell.of(1), Table.Cell.of(2)));
    assertThatThrownBy(() -> new Table("t", List.of(Table.Column.text("a")), rows, List.of()))
        .isInstanceOf(Mistake.class)
        .hasMessage("row 1 of table 't' has 2 cells; expected 1, one for each column.");
  }

  @Test
  void whatIsNotFiniteIsNoCell() {
    assertThatThrownBy(() -> Table.Cell.of(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> Table.Cell.of(1, -1)).hasMessageContaining("-1.0");
    assertThatThrownBy(() -> Table.Cell.of(1, Double.POSITIVE_INFINITY))
        .hasMessageContaining("Infinity");
  }

  @Test
  void textStandsInLineUnderGroups() {
    assertThat(TextTable.render(Samples.table()))
        .isEqualTo(
            """
            Fashion-MNIST, BadNets 3×3, rate 0.1, seed 1

            ─────────────────────────────────────────────────────────
                              before        after ft     after ft-sam
                           ────────────   ────────────   ────────────
            training       acc %  ASR %   acc %  ASR %   acc %  ASR %
            ─────────────────────────────────────────────────────────
            conventional    88.1  100.0    83.2   19.8    84.0    9.1
            SBL             87.7   99.9    84.1   82.3    85.0   41.7
            ─────────────────────────────────────────────────────────
            Accuracy on 1,000 clean test images; ASR on the 900 of them that are not of
            class 0.
            One seed: the standard deviation over seeds is 12 to 26 points.
            """);
  }

  @Test
  void spreadsKeepTheirValuesInLine() {
    assertThat(TextTable.render(SPREAD))
        .isEqualTo(
            """
            ───────────────────────────────────────────────
                                                 50% & more
                                                 ──────────
            a_b | c                  loss nats            x
            ───────────────────────────────────────────────
            say "hi", you there    0.12 ± 0.06         -3.0
            [x] $5 #1 {y} ~^\\     12.00
            ───────────────────────────────────────────────
            """);
  }

  @Test
  void aGroupWiderThanItsColumnsKeepsItsWholeHeading() {
    var table =
        new Table(
            "",
            List.of(
                Table.Column.text("t"),
                Table.Column.number("after fine-tuning", "a", "", 0),
                Table.Column.number("after fine-tuning", "b", "", 0)),
            List.of(Samples.row("x", 1, 2)),
            List.of());
    assertThat(TextTable.render(table))
        .isEqualTo(
            """
            ─────────────────────
                after fine-tuning
                ─────────────────
            t                a  b
            ─────────────────────
            x                1  2
            ─────────────────────
            """);
  }

  @Test
  void aTableTooWideContinuesBelowWithItsFirstColumn() {
    assertThat(TextTable.render(Samples.table(), 50))
        .contains("after ft\n")
        .contains("               after ft-sam\n")
        .containsPattern("(?s)(conventional .*){2}");
  }

  @Test
  void noLineIsWiderThanAsked() {
    var wide =
        new Table(
            "word ".repeat(40),
            List.of(
                Table.Column.text("a"),
                Table.Column.text("b"),
                Table.Column.number("a very long heading of a group", "n", "ms", 12)),
            List.of(
                List.of(
                    Table.Cell.of("unbreakable".repeat(20)),
                    Table.Cell.of("many small words ".repeat(20)),
                    Table.Cell.of(1e9, 1e9))),
            List.of("note ".repeat(60)));
    for (int width = 40; width <= 120; width++) {
      int limit = width;
      assertThat(TextTable.render(wide, width).lines())
          .allSatisfy(
              line -> assertThat(line.codePointCount(0, line.length())).isLessThanOrEqualTo(limit));
      // The name column, a gap and the number of 49 characters: no number is broken.
      if (width >= 12 + 3 + 49) {
        assertThat(TextTable.render(wide, width))
            .contains("1000000000.000000000000 ± 1000000000.000000000000");
      }
    }
  }

  @Test
  void controlCharactersDoNotReachTheTerminal() {
    var table =
        new Table(
            "red \u001b[31m",
            List.of(Table.Column.text("x")),
            List.of(List.of(Table.Cell.of("a\u0007\u009b"))),
            List.of());
    assertThat(TextTable.render(table)).doesNotContain("\u001b", "\u0007", "\u009b");
  }

  @Test
  void markdownEscapesAndAligns() {
    assertThat(MarkdownTable.render(SPREAD))
        .isEqualTo(
            """
            | a\\_b \\| c                |  loss (nats) | 50% \\& more: x |
            | ------------------------ | -----------: | -------------: |
            | say "hi", you there      |  0.12 ± 0.06 |           -3.0 |
            | \\[x\\] $5 \\#1 \\{y\\} \\~^\\\\ | 12.00        |                |
            """);
  }

  @Test
  @SuppressWarnings("StringConcatToTextBlock") // the line ends are part of what is tested
  void csvFollowsRfc4180AndWritesNumbersInFull() {
    assertThat(CsvTable.render(SPREAD))
        .isEqualTo(
            "a_b | c,loss (nats),spread of loss (nats),50% & more: x\r\n"
                + "\"say \"\"hi\"\", you\nthere\",0.125,0.0625,-3\r\n"
                + "[x] $5 #1 {y} ~^\\,12,,\r\n");
  }

  @Test
  void latexUsesBooktabsAndEscapesEverySpecial() {
    assertThat(LatexTable.render(SPREAD))
        .isEqualTo(
            """
            % needs \\usepackage{booktabs}
            \\begin{table}
              \\centering
              \\begin{tabular}{lrr}
                \\toprule
                 &  & \\multicolumn{1}{c}{50\\% \\& more} \\\\
                \\cmidrule(lr){3-3}
                a\\_b | c & loss nats & x \\\\
                \\midrule
                say "hi", you there & $0.12 \\pm 0.06$ & $-3.0$ \\\\
                {[}x] \\$5 \\#1 \\{y\\} \\textasciitilde{}\\textasciicircum{}\\textbackslash{} & 12.00 &  \\\\
                \\bottomrule
              \\end{tabular}
            \\end{table}
            """);
  }

  @Test
  void theReadersLocaleChangesNothing() {
    List<String> before = everyText();
    Locale former = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertThat(everyText()).isEqualTo(before);
    } finally {
      Locale.setDefault(former);
    }
  }

  private static List<String> everyText() {
    return List.of(
        TextTable.render(Samples.table()),
        MarkdownTable.render(Samples.table()),
        CsvTable.render(Samples.table()),
        LatexTable.render(Samples.table()),
        Samples.courses().svg(Theme.LIGHT),
        Samples.sheet(Samples.images(3, 1)).svg(Theme.LIGHT));
  }
}
