package dev.palimpsest.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.palimpsest.base.Digest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class HeatMapTest {
  /** Accuracies that fade with the age of a task. */
  static HeatMap.Matrix matrix(String title, int tasks) {
    var rows = new ArrayList<List<Double>>();
    for (int t = 1; t <= tasks; t++) {
      int learned = t;
      rows.add(
          IntStream.rangeClosed(1, t).mapToObj(k -> 100.0 / (1 + 0.4 * (learned - k))).toList());
    }
    return new HeatMap.Matrix(title, rows);
  }

  private static HeatMap two(int tasks) {
    return new HeatMap(
        "Split Fashion-MNIST",
        "ER, 200 samples; seed 1",
        List.of(matrix("class-incremental", tasks), matrix("task-incremental", tasks)),
        2);
  }

  private static List<Element> elements(Document document, String name) {
    NodeList nodes = document.getElementsByTagName(name);
    return IntStream.range(0, nodes.getLength()).mapToObj(i -> (Element) nodes.item(i)).toList();
  }

  private static List<Element> cells(String svg) {
    return elements(FigureTest.parse(svg), "g");
  }

  private static String child(Element cell, String name) {
    return cell.getElementsByTagName(name).item(0).getTextContent();
  }

  @Test
  void aCellPrintsItsValueAndTellsItInFullWhenPointedAt() {
    List<Element> cells =
        cells(
            new HeatMap(
                    "",
                    "",
                    List.of(
                        new HeatMap.Matrix("m", List.of(List.of(98.25), List.of(7.125, 100.0)))),
                    1)
                .svg(Theme.LIGHT));
    assertThat(cells)
        .extracting(cell -> cell.getAttribute("data-cell"))
        .containsExactly("1 1", "2 1", "2 2");
    assertThat(cells)
        .extracting(cell -> child(cell, "text"))
        .containsExactly("98.2", "7.1", "100.0");
    assertThat(cells)
        .extracting(cell -> child(cell, "title"))
        .containsExactly(
            "task 1 after task 1: 98.25 %",
            "task 1 after task 2: 7.12 %", "task 2 after task 2: 100.00 %");
    assertThat(cells)
        .extracting(cell -> cell.getAttribute("data-value"))
        .containsExactly("98.25", "7.125", "100");
  }

  @Test
  void aMatrixIsALowerTriangleOfWholeCells() {
    List<Element> cells = cells(two(20).svg(Theme.LIGHT));
    assertThat(cells).hasSize(2 * 210);
    assertThat(
            cells
                .getFirst()
                .getElementsByTagName("rect")
                .item(0)
                .getAttributes()
                .getNamedItem("width")
                .getNodeValue())
        .isEqualTo("21");
    assertThat(cells)
        .extracting(cell -> child(cell, "text"))
        .allMatch(text -> text.matches("\\d{1,3}"));
  }

  @Test
  void everyStepOfTheScaleIsAsLongAsTheOthersToTheEye() {
    for (Ramp ramp : List.of(Ramp.LIGHT, Ramp.DARK)) {
      double[] steps = new double[20];
      for (int i = 0; i < steps.length; i++) {
        double[] from = Ramp.oklab(ramp.at(i / 20.0));
        double[] to = Ramp.oklab(ramp.at((i + 1) / 20.0));
        steps[i] = Ramp.distance(from, to);
        assertThat(Math.signum(to[0] - from[0])).isEqualTo(ramp == Ramp.LIGHT ? -1 : 1);
      }
      double mean = IntStream.range(0, 20).mapToDouble(i -> steps[i]).average().orElseThrow();
      // A channel of 8 bits rounds by up to a seventh of a step.
      assertThat(IntStream.range(0, 20).mapToObj(i -> steps[i]))
          .allSatisfy(step -> assertThat(step).isBetween(0.85 * mean, 1.15 * mean));
    }
  }

  @Test
  void valuesStandOutFromEveryColourOfTheScale() {
    for (Theme theme : List.of(Theme.LIGHT, Theme.DARK)) {
      var used = new HashSet<String>();
      for (int percent = 0; percent <= 100; percent++) {
        String ground = theme.heat(percent / 100.0);
        String text = theme.onHeat(percent / 100.0);
        used.add(text);
        assertThat(contrast(ground, text)).as(theme + " " + percent).isGreaterThan(4.5);
      }
      assertThat(used).hasSize(2);
    }
  }

  @Test
  void inAPageTheSchemeChoosesTheColours() {
    assertThat(Theme.PAGE.heat(0.3))
        .isEqualTo("light-dark(" + Theme.LIGHT.heat(0.3) + "," + Theme.DARK.heat(0.3) + ")");
    assertThat(Theme.PAGE.onHeat(0)).isEqualTo("light-dark(#000000,#ffffff)");
    assertThat(two(3).svg(Theme.PAGE)).contains("fill=\"var(--muted)\"");
  }

  /** The contrast ratio of WCAG 2. */
  static double contrast(String a, String b) {
    double first = luminance(a) + 0.05;
    double second = luminance(b) + 0.05;
    return Math.max(first, second) / Math.min(first, second);
  }

  private static double luminance(String colour) {
    double sum = 0;
    double[] weights = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; i++) {
      double value = Integer.parseInt(colour.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
      sum +=
          weights[i] * (value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4));
    }
    return sum;
  }

  @Test
  void theScaleBeginsAndEndsWithItsColours() {
    var ramp = new Ramp("#102030", "#a04060", "#f0e0d0");
    assertThat(ramp.at(0)).isEqualTo("#102030");
    assertThat(ramp.at(1)).isEqualTo("#f0e0d0");
    // Oklab of pure red as its author gives it.
    assertThat(Ramp.oklab("#ff0000"))
        .containsExactly(new double[] {0.628, 0.225, 0.126}, offset(0.0005));
  }

  @Test
  void anyNumberOfTasksIsDrawnWithoutTextOutsideOrAcrossAnother() {
    for (int tasks : new int[] {1, 2, 5, 10, 11, 20}) {
      for (Theme theme : Theme.values()) {
        String svg = two(tasks).svg(theme);
        Document document = FigureTest.parse(svg);
        assertThat(svg).doesNotContain("NaN", "style", "<script");
        double width = Double.parseDouble(document.getDocumentElement().getAttribute("width"));
        for (Element text : elements(document, "text")) {
          double size =
              text.hasAttribute("font-size")
                  ? Double.parseDouble(text.getAttribute("font-size"))
                  : Theme.SMALL;
          double room = TextWidth.of(text.getTextContent(), size);
          double x = Double.parseDouble(text.getAttribute("x"));
          assertThat(x + (text.getAttribute("text-anchor").equals("start") ? room : room / 2))
              .isLessThanOrEqualTo(width);
          if (text.getParentNode() instanceof Element cell && cell.hasAttribute("data-cell")) {
            String cellWidth =
                ((Element) cell.getElementsByTagName("rect").item(0)).getAttribute("width");
            assertThat(room).as(text.getTextContent()).isLessThan(Double.parseDouble(cellWidth));
          }
        }
      }
    }
  }

  @Test
  void itIsTheSameBytesOnEveryMachine() {
    assertThat(Digest.of(two(5).svg(Theme.LIGHT)).brief()).isEqualTo("f5d2181dd48b");
    assertThat(Digest.of(two(20).svg(Theme.DARK)).brief()).isEqualTo("c86fae49273c");
  }

  @Test
  void anotherShapeAndWhatIsNoPercentageIsRefused() {
    assertThatThrownBy(() -> new HeatMap.Matrix("m", List.of(List.of(1.0), List.of(1.0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("row 2 of matrix 'm' is [1.0]; expected 2 values from 0 to 100");
    assertThatThrownBy(() -> new HeatMap.Matrix("m", List.of(List.of(Double.NaN))))
        .hasMessage("row 1 of matrix 'm' is [NaN]; expected 1 values from 0 to 100");
    assertThatThrownBy(() -> new HeatMap("h", "", List.of(), 2))
        .hasMessage("heat map 'h' has 0 matrices in 2 columns");
  }

  @Test
  void aConfusionNamesTrueClassesAndNumbersPredictedOnes() {
    var map =
        new HeatMap(
            "Which class is taken for which",
            "",
            List.of(
                HeatMap.Matrix.confusion(
                    "Clean images",
                    List.of("cat", "dog"),
                    List.of(List.of(90.0, 10.0), List.of(25.0, 75.0)))),
            1);
    String svg = map.svg(Theme.LIGHT);
    assertThat(cells(svg))
        .extracting(cell -> child(cell, "title"))
        .containsExactly(
            "cat taken for cat: 90.00 %",
            "cat taken for dog: 10.00 %",
            "dog taken for cat: 25.00 %",
            "dog taken for dog: 75.00 %");
    assertThat(elements(FigureTest.parse(svg), "text"))
        .extracting(Element::getTextContent)
        .contains("0 cat", "1 dog", "true class", "predicted class", "share of row (%)");
  }

  @Test
  void aConfusionOfManyClassesHasNoNumbersThatNobodyCouldRead() {
    int classes = 43;
    List<String> names = IntStream.range(0, classes).mapToObj(i -> "sign " + i).toList();
    List<List<Double>> rows =
        names.stream()
            .map(name -> IntStream.range(0, classes).mapToObj(i -> 50.0).toList())
            .toList();
    String svg =
        new HeatMap("", "", List.of(HeatMap.Matrix.confusion("c", names, rows)), 1)
            .svg(Theme.LIGHT);
    assertThat(cells(svg)).hasSize(classes * classes);
    assertThat(cells(svg)).allMatch(cell -> cell.getElementsByTagName("text").getLength() == 0);
    assertThatThrownBy(() -> HeatMap.Matrix.confusion("c", names, rows.subList(0, 3)))
        .hasMessage("matrix 'c' has 3 rows for 43 classes");
  }
}
