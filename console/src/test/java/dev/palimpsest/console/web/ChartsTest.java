package dev.palimpsest.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.report.LineChart;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ChartsTest {
  private static List<JsonNode> lines(int epochs) {
    return IntStream.range(0, epochs)
        .mapToObj(epoch ->
            (JsonNode)
                Json.object()
                    .put("epoch", epoch)
                    .put("gradientEvaluations", 1000 * epoch)
                    .put("loss", 1 / (1.0 + epoch))
                    .put("accuracy", 1 - 0.9 / (1.0 + epoch))
                    .put("asr", 0.123456789))
        .toList();
  }

  @Test
  void lossesAndSharesHaveChartsOfTheirOwn() {
    List<LineChart> charts = Charts.of(Map.of("", lines(3)));
    assertThat(charts)
        .extracting(LineChart::name)
        .containsExactly("loss by epoch", "share (%) by epoch");
    assertThat(charts.getFirst().series())
        .extracting(series -> series.name())
        .containsExactly("loss");
    assertThat(charts.getLast().series())
        .extracting(series -> series.name())
        .containsExactly("accuracy", "ASR");
    assertThat(charts.getLast().series().getLast().points().getLast().y()).isEqualTo(12.346);
  }

  @Test
  void aChartInAPageIsSmallAndKeepsBothEnds() {
    List<LineChart> charts = Charts.of(Map.of("task1", lines(3000)));
    for (LineChart chart : charts) {
      assertThat(Charts.html(chart).length()).isLessThan(20_000);
      assertThat(chart.series().getFirst().points().getFirst().x()).isZero();
      assertThat(chart.series().getFirst().points().getLast().x()).isEqualTo(2999);
    }
  }

  @Test
  void itsColoursAreThePagesAndItsNamesAreEscaped() {
    String html = Charts.html(Charts.of(Map.of("<b>", lines(4))).getFirst());
    assertThat(html)
        .contains("stroke=\"var(--series-1)\"", "data-series=\"&lt;b&gt; loss\"")
        .doesNotContain("<b>", "style=", "=\"#");
  }
}
