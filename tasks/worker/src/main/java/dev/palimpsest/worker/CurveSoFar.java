package dev.palimpsest.worker;

import dev.palimpsest.tasks.RunJournal.Curve.Point;
import dev.palimpsest.tasks.StageContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The metrics of the epochs that a running stage has ended; bounded, however many they are. */
final class CurveSoFar {
  static final int MOST_POINTS = 200;

  private final List<Point> points = new ArrayList<>();

  /** What was told of the epoch that goes on. */
  private Point current = new Point(0, Map.of());

  /** Every so many epochs have a point. */
  private int stride = 1;

  /** Puts the epochs before the first one here in front: those of an attempt that was cut off. */
  synchronized void after(List<Point> earlier) {
    int first = points.isEmpty() ? Integer.MAX_VALUE : points.getFirst().epoch();
    points.addAll(0, earlier.stream().filter(point -> point.epoch() < first).toList());
    thin();
  }

  /** Hears how far the stage is; what it tells last of an epoch is a point. */
  synchronized void hear(StageContext.Progress progress) {
    int epoch = epoch(progress.label());
    if (epoch != current.epoch()) {
      end();
    }
    current = new Point(epoch, progress.metrics());
    if (progress.done() == progress.total()) {
      end();
    }
  }

  private void end() {
    boolean told = current.epoch() > 0 && !current.metrics().isEmpty();
    boolean next = points.isEmpty() || points.getLast().epoch() < current.epoch();
    if (told && next && current.epoch() % stride == 0) {
      points.add(current);
      thin();
    }
  }

  private void thin() {
    while (points.size() > MOST_POINTS) {
      stride *= 2;
      points.removeIf(point -> point.epoch() % stride != 0);
    }
  }

  synchronized List<Point> points() {
    return List.copyOf(points);
  }

  /** The number in {@code epoch 3/20}; 0 for a stage that counts none. */
  private static int epoch(String label) {
    int from = label.indexOf(' ') + 1;
    int to = from;
    while (to < label.length() && to < from + 9 && Character.isDigit(label.charAt(to))) {
      to++;
    }
    return to == from ? 0 : Integer.parseInt(label, from, to, 10);
  }
}
