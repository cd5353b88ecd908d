package dev.palimpsest.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Digest;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class FigureTest {
  private static final String HOSTILE = "</text><script>alert('1')</script> & \"x\" \u0001\ud800";

  static Document parse(String svg) {
    try {
      var factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      return factory.newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new AssertionError("not well-formed: " + svg, e);
    }
  }

  private static List<Element> elements(Document document, String name) {
    NodeList nodes = document.getElementsByTagName(name);
    return IntStream.range(0, nodes.getLength()).mapToObj(i -> (Element) nodes.item(i)).toList();
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  @Test
  void figuresAreWellFormedWithoutScriptOrStyle() {
    for (Theme theme : Theme.values()) {
      for (String svg :
          List.of(
              Samples.courses().svg(theme),
              Samples.loss().svg(theme),
              Samples.rates().svg(theme),
              Samples.sheet(Samples.images(13, 3)).svg(theme))) {
        assertThat(parse(svg).getDocumentElement().getAttribute("role")).isEqualTo("img");
        assertThat(svg).doesNotContain("style", "<script", "NaN", "Infinity", "E-");
      }
    }
  }

  @Test
  void everyTextIsEscaped() {
    var series = Series.of(HOSTILE, new double[] {0, 1}, new double[] {1, 2});
    var chart =
        new LineChart(HOSTILE, Axis.of(HOSTILE, HOSTILE), Axis.of(HOSTILE, "<"), List.of(series));
    var grid = new ChartGrid(HOSTILE, HOSTILE, List.of(chart, chart), 2);
    var images = Samples.images(1, 1);
    var sheet =
        new ContactSheet(
            HOSTILE, HOSTILE, List.of(new ContactSheet.Row(HOSTILE, images, List.of(HOSTILE))));
    for (String svg : List.of(grid.svg(Theme.LIGHT), sheet.svg(Theme.DARK))) {
      Document document = parse(svg);
      assertThat(elements(document, "script")).isEmpty();
      assertThat(document.getDocumentElement().getAttribute("aria-label"))
          .isEqualTo(HOSTILE.replace('\u0001', '\ufffd').replace('\ud800', '\ufffd'));
    }
  }

  @Test
  void figuresAreTheSameBytesOnEveryMachine() {
    assertThat(Digest.of(Samples.courses().svg(Theme.LIGHT)).brief()).isEqualTo("b0ba7f6fdbcb");
    assertThat(Digest.of(Samples.rates().svg(Theme.DARK)).brief()).isEqualTo("3a1385a0fd08");
    assertThat(Digest.of(Samples.sheet(Samples.images(3, 3)).svg(Theme.LIGHT)).brief())
        .isEqualTo("dc8f8510e683");
  }

  @Test
  void linesCarryTheirValues() {
    Element bands =
        elements(parse(Samples.rates().svg(Theme.LIGHT)), "g").stream()
            .filter(g -> g.getAttribute("data-series").equals("BadNets"))
            .findFirst()
            .orElseThrow();
    assertThat(bands.getAttribute("data-x")).isEqualTo("0.01 0.02 0.05 0.1");
    assertThat(bands.getAttribute("data-y")).isEqualTo("72 91 98.5 100");
    assertThat(bands.getAttribute("data-low")).isEqualTo("60 86 97 99.8");
    assertThat(bands.getAttribute("data-high")).isEqualTo("84 96 100 100");
  }

  @Test
  void pointsStandWhereTheScalePutsThem() {
    var chart =
        new LineChart(
            "t",
            Axis.of("x", ""),
            Axis.of("y", "").from(0, 10),
            List.of(Series.of("s", new double[] {0, 5, 10}, new double[] {0, 10, 5})));
    Document document = parse(chart.svg(Theme.LIGHT));
    Element plot = elements(document, "g").getFirst();
    List<String> frame = List.of(plot.getAttribute("data-plot").split(" ", -1));
    double left = Double.parseDouble(frame.get(0));
    double top = Double.parseDouble(frame.get(1));
    double width = Double.parseDouble(frame.get(2));
    double height = Double.parseDouble(frame.get(3));
    List<Element> dots = elements(document, "circle");
    assertThat(number(dots.get(0), "cx")).isEqualTo(left);
    assertThat(number(dots.get(0), "cy")).isEqualTo(top + height);
    assertThat(number(dots.get(1), "cx")).isEqualTo(left + width / 2, within());
    assertThat(number(dots.get(1), "cy")).isEqualTo(top);
    assertThat(number(dots.get(2), "cy")).isEqualTo(top + height / 2, within());
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(0.011);
  }

  @Test
  void theRingStandsAroundTheChosenPoint() {
    List<Element> rings =
        elements(parse(Samples.loss().svg(Theme.LIGHT)), "circle").stream()
            .filter(circle -> circle.hasAttribute("data-ring"))
            .toList();
    assertThat(rings).hasSize(1);
    assertThat(rings.getFirst().getAttribute("data-ring")).startsWith("52 ");
  }

  @Test
  void labelsOfOnePanelDoNotOverlap() {
    Document document = parse(Samples.courses().svg(Theme.LIGHT));
    List<Double> accuracy =
        elements(document, "text").stream()
            .filter(text -> text.getTextContent().contains(", ft"))
            .limit(4)
            .map(text -> number(text, "y"))
            .sorted()
            .toList();
    assertThat(accuracy).hasSize(4);
    for (int i = 1; i < 4; i++) {
      assertThat(accuracy.get(i) - accuracy.get(i - 1)).isGreaterThanOrEqualTo(14.98);
    }
  }

  @Test
  void noTextLeavesTheDrawing() {
    for (String svg :
        List.of(
            Samples.courses().svg(Theme.LIGHT),
            Samples.loss().svg(Theme.LIGHT, 360, 280),
            Samples.sheet(Samples.images(1, 1)).svg(Theme.LIGHT))) {
      Document document = parse(svg);
      double width = number(document.getDocumentElement(), "width");
      for (Element text : elements(document, "text")) {
        double size = text.hasAttribute("font-size") ? number(text, "font-size") : Theme.SMALL;
        double room = TextWidth.of(text.getTextContent(), size);
        double x = number(text, "x");
        String anchor = text.getAttribute("text-anchor");
        double left = anchor.equals("end") ? x - room : anchor.equals("middle") ? x - room / 2 : x;
        assertThat(left).as(text.getTextContent()).isGreaterThanOrEqualTo(0);
        assertThat(left + room).as(text.getTextContent()).isLessThanOrEqualTo(width);
      }
    }
  }

  @Test
  void oneSeriesHasOneColourInAllPanels() {
    double[] x = {0, 1};
    var a = Series.of("a", x, x);
    var b = Series.of("b", x, x);
    Axis axis = Axis.of("", "");
    var grid =
        new ChartGrid(
            "",
            "",
            List.of(
                new LineChart("1", axis, axis, List.of(a, b)),
                new LineChart("2", axis, axis, List.of(b))),
            2);
    List<String> colours =
        elements(parse(grid.svg(Theme.LIGHT)), "text").stream()
            .filter(text -> text.getTextContent().equals("b"))
            .map(text -> text.getAttribute("fill"))
            .toList();
    assertThat(colours).containsExactly(Theme.LIGHT.series(1), Theme.LIGHT.series(1));
  }

  @Test
  void coloursComeAgainAfterAllWereUsed() {
    for (Theme theme : Theme.values()) {
      assertThat(IntStream.range(0, Theme.COLOURS).mapToObj(theme::series)).doesNotHaveDuplicates();
      assertThat(theme.series(Theme.COLOURS)).isEqualTo(theme.series(0));
    }
  }

  @Test
  void linesInAnOrderAreShadesThatStandOut() {
    double[] x = {0, 1};
    var chart =
        new LineChart(
            "",
            Axis.of("", ""),
            Axis.of("", ""),
            List.of(Series.of("old", x, x).shade(1), Series.of("new", x, x).shade(0)));
    for (Theme theme : List.of(Theme.LIGHT, Theme.DARK)) {
      List<String> colours =
          elements(parse(chart.svg(theme)), "polyline").stream()
              .map(line -> line.getAttribute("stroke"))
              .distinct()
              .toList();
      assertThat(colours).containsExactly(theme.heat(1), theme.shade(0));
      assertThat(HeatMapTest.contrast(theme.shade(0), theme.surface())).isGreaterThan(1.9);
    }
  }

  @Test
  void allLinesOfAChartHaveDotsOrNone() {
    double[] few = {0, 1};
    double[] many = IntStream.range(0, 13).asDoubleStream().toArray();
    var chart =
        new LineChart(
            "",
            Axis.of("", ""),
            Axis.of("", ""),
            List.of(Series.of("few", few, few), Series.of("many", many, many)));
    assertThat(elements(parse(chart.svg(Theme.LIGHT)), "circle")).hasSize(2);
  }

  @Test
  void aConstantAndASinglePointCanBeDrawn() {
    var point = Series.of("p", new double[] {3}, new double[] {0});
    var chart = new LineChart("", Axis.of("", ""), Axis.of("", ""), List.of(point));
    assertThat(chart.svg(Theme.LIGHT)).doesNotContain("NaN", "Infinity").contains("<circle");
  }

  @Test
  void dataBeyondTheAskedRangeWidensIt() {
    var chart =
        new LineChart(
            "",
            Axis.of("", ""),
            Axis.of("", "").from(0, 1),
            List.of(Series.of("s", new double[] {0, 1}, new double[] {0, 7})));
    assertThat(chart.svg(Theme.LIGHT)).contains("data-y-range=\"0 8\"");
  }

  @Test
  void whatIsNotFiniteIsNotDrawn() {
    assertThatThrownBy(() -> Series.of("s", new double[] {0}, new double[] {Double.NaN}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> Series.of("s", new double[] {1, 0}, new double[] {0, 0}))
        .hasMessageContaining("'s' runs backwards at x 0.0");
  }
}
