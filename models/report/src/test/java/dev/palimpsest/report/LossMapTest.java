package dev.palimpsest.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class LossMapTest {
  private static final LossMap.Range RANGE = new LossMap.Range(0.01, 10);

  private static LossMap.Surface bowl(String title, int n, double steep) {
    var rows = new ArrayList<List<Double>>();
    for (double y : places(n)) {
      rows.add(places(n).stream().map(x -> 0.005 + steep * (x * x + y * y)).toList());
    }
    return new LossMap.Surface(title, rows);
  }

  private static List<Double> places(int n) {
    return IntStream.range(0, n).mapToObj(i -> -1 + 2.0 * i / (n - 1)).toList();
  }

  static LossMap map(int n) {
    return new LossMap(
        "Loss around the network",
        "filter-normalised directions; 1000 test images; seed 1",
        List.of(bowl("Clean loss", n, 2), bowl("Backdoor loss", n, 30)),
        places(n),
        Axis.of("first direction", ""),
        Axis.of("second direction", ""),
        RANGE);
  }

  private static List<Element> elements(Document document, String name) {
    NodeList nodes = document.getElementsByTagName(name);
    return IntStream.range(0, nodes.getLength()).mapToObj(i -> (Element) nodes.item(i)).toList();
  }

  @Test
  void aValueIsDrawnInTheColourOfItsLogarithm() {
    assertThat(RANGE.share(0.01)).isZero();
    assertThat(RANGE.share(0.1)).isCloseTo(1.0 / 3, within(1e-12));
    assertThat(RANGE.share(10)).isEqualTo(1);
    assertThat(RANGE.share(0)).as("below the scale").isZero();
    assertThat(RANGE.share(1e9)).as("above the scale").isEqualTo(1);
    List<Element> cells =
        elements(FigureTest.parse(map(3).svg(Theme.LIGHT)), "rect").stream()
            .filter(rect -> rect.hasAttribute("data-value"))
            .toList();
    assertThat(cells).hasSize(18);
    Element first = cells.getFirst();
    assertThat(first.getAttribute("data-value")).isEqualTo("4.005");
    assertThat(first.getAttribute("fill")).isEqualTo(Theme.LIGHT.heat(RANGE.share(4.005)));
    // The first row is the lowest.
    assertThat(Double.parseDouble(first.getAttribute("y")))
        .isGreaterThan(Double.parseDouble(cells.get(3).getAttribute("y")));
  }

  @Test
  void whatLiesBeyondTheScaleIsCounted() {
    String svg = map(3).svg(Theme.LIGHT);
    // Both middles; the four corners and the four sides of the steep bowl.
    assertThat(svg).contains("beyond the scale and drawn as its ends: 2 below, 8 above");
    var gentle =
        new LossMap(
            "",
            "",
            List.of(new LossMap.Surface("s", List.of(List.of(1.0, 2.0), List.of(3.0, 4.0)))),
            places(2),
            Axis.of("x", ""),
            Axis.of("y", ""),
            RANGE);
    assertThat(gentle.svg(Theme.LIGHT)).doesNotContain("beyond");
  }

  @Test
  void levelsAreRoundNumbersOfTheScale() {
    assertThat(RANGE.levels())
        .containsExactly(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0);
    assertThat(new LossMap.Range(0.3, 3).levels()).containsExactly(0.5, 1.0, 2.0);
  }

  @Test
  void aContourOfABowlIsACircle() {
    int n = 41;
    double[][] heights = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        heights[i][j] = Math.hypot(i - 20, j - 20);
      }
    }
    List<Contours.Piece> pieces = Contours.of(heights, 10);
    assertThat(pieces).hasSizeGreaterThan(40);
    for (Contours.Piece piece : pieces) {
      assertThat(Math.hypot(piece.column1() - 20, piece.row1() - 20)).isCloseTo(10, within(0.02));
      assertThat(Math.hypot(piece.column2() - piece.column1(), piece.row2() - piece.row1()))
          .isLessThanOrEqualTo(Math.sqrt(2));
    }
    assertThat(Contours.of(heights, 99)).isEmpty();
  }

  @Test
  void aSaddleIsCutAsItsMiddleTells() {
    // The middle is high: the high corners hang together, the low ones are cut off.
    List<Contours.Piece> pieces = Contours.of(new double[][] {{3, 0}, {0, 3}}, 1);
    assertThat(pieces).hasSize(2);
    Contours.Piece first = pieces.getFirst();
    assertThat(first.row1()).as("from the side below").isZero();
    assertThat(first.column2()).as("to the right side, around the low corner").isEqualTo(1);
  }

  @Test
  void noTextIsOutside() {
    for (int n : new int[] {2, 11, 51}) {
      for (Theme theme : Theme.values()) {
        Document document = FigureTest.parse(map(n).svg(theme));
        double width = Double.parseDouble(document.getDocumentElement().getAttribute("width"));
        for (Element text : elements(document, "text")) {
          double room = TextWidth.of(text.getTextContent(), Theme.SMALL);
          double x = Double.parseDouble(text.getAttribute("x"));
          assertThat(x + (text.getAttribute("text-anchor").equals("") ? room : room / 2))
              .as(text.getTextContent())
              .isLessThanOrEqualTo(
                  width + (text.getAttribute("text-anchor").equals("end") ? room : 0));
        }
      }
    }
  }

  @Test
  void whatIsNoSquareOfLossesIsRefused() {
    assertThatThrownBy(() ->
            new LossMap(
                "",
                "",
                List.of(bowl("b", 3, 1)),
                places(4),
                Axis.of("", ""),
                Axis.of("", ""),
                RANGE))
        .hasMessage("surface 'b' is no 4 by 4 matrix of finite losses of at least 0");
    assertThatThrownBy(() -> new LossMap.Range(0, 1))
        .hasMessage("no logarithmic scale runs from 0.0 to 1.0");
  }
}
