package dev.palimpsest.stages;

import dev.palimpsest.report.Axis;
import dev.palimpsest.report.ChartGrid;
import dev.palimpsest.report.LineChart;
import dev.palimpsest.report.Series;
import dev.palimpsest.report.Theme;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/** Figures of backdoored networks and their defences. */
final class BackdoorFigures {
  /** Bands of more lines than this hide the lines. */
  private static final int MOST_BANDS = 6;

  private BackdoorFigures() {}

  /**
   * ASR and clean accuracy over each defence's epochs, a line for each way to train.
   *
   * @param before stands before what is said of the seeds
   */
  static String courses(String title, BackdoorComparison comparison, String before) {
    var charts = new ArrayList<LineChart>();
    List<String> defences = comparison.defences();
    for (int i = 0; i < defences.size(); i++) {
      charts.add(
          chart(
              "ASR under " + defences.get(i), "ASR", i, comparison, BackdoorComparison.Epoch::asr));
      charts.add(
          chart(
              "Clean accuracy under " + defences.get(i),
              "accuracy",
              i,
              comparison,
              BackdoorComparison.Epoch::cleanAccuracy));
    }
    String spread = Repeats.spread(comparison.seeds());
    if (!bands(comparison)) {
      spread = spread.replace("mean and standard deviation", "mean");
    }
    return StreamFigures.svg(new ChartGrid(title, before + spread, charts, 2));
  }

  private static boolean bands(BackdoorComparison comparison) {
    return comparison.arms().size() <= MOST_BANDS;
  }

  private static List<Mean> bare(List<Mean> course) {
    return course.stream().map(each -> new Mean(each.mean(), Optional.empty())).toList();
  }

  private static LineChart chart(
      String title,
      String axis,
      int defence,
      BackdoorComparison comparison,
      Function<BackdoorComparison.Epoch, Mean> value) {
    var lines = new ArrayList<Series>();
    for (BackdoorComparison.Arm arm : comparison.arms()) {
      List<Mean> course = arm.defences().get(defence).course().stream().map(value).toList();
      Series line = StreamFigures.spread(arm.label(), 0, bands(comparison) ? course : bare(course));
      line = line.colour(lines.size() % Theme.COLOURS);
      lines.add(lines.size() / Theme.COLOURS % 2 == 0 ? line : line.broken());
    }
    return new LineChart(
        title,
        Axis.of("epoch of the defence", ""),
        new Axis(axis, "%", OptionalDouble.of(0), OptionalDouble.of(100)),
        lines);
  }
}
