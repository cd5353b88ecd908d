package dev.palimpsest.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Pushes labels apart so that none overlaps another, moving them as little as possible. */
final class Spread {
  private Spread() {}

  /** Labels that touch and move together. */
  private record Cluster(double sum, int count, double gap) {
    /** Centre that is nearest to where all of them want to be. */
    double centre() {
      return sum / count;
    }

    double top() {
      return centre() - (count - 1) * gap / 2;
    }

    double bottom() {
      return centre() + (count - 1) * gap / 2;
    }

    Cluster join(Cluster below) {
      return new Cluster(sum + below.sum, count + below.count, gap);
    }

    Cluster moved(double by) {
      return new Cluster(sum + by * count, count, gap);
    }
  }

  /**
   * Places for labels that want to be at {@code wanted}.
   *
   * @param gap least distance of two labels
   * @param top least place
   * @param bottom greatest place; exceeded only when there is no room for all
   * @return in the order of {@code wanted}
   */
  static double[] apart(double[] wanted, double gap, double top, double bottom) {
    List<Integer> order =
        IntStream.range(0, wanted.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> wanted[i]))
            .toList();
    var clusters = new ArrayList<Cluster>();
    for (int i : order) {
      clusters.add(inside(new Cluster(wanted[i], 1, gap), top, bottom));
      while (clusters.size() > 1
          && clusters.getLast().top() - clusters.get(clusters.size() - 2).bottom() < gap) {
        Cluster below = clusters.removeLast();
        Cluster above = clusters.removeLast();
        clusters.add(inside(above.join(below), top, bottom));
      }
    }
    double[] places = new double[wanted.length];
    int next = 0;
    for (Cluster cluster : clusters) {
      for (int i = 0; i < cluster.count(); i++) {
        places[order.get(next++)] = cluster.top() + i * gap;
      }
    }
    return places;
  }

  private static Cluster inside(Cluster cluster, double top, double bottom) {
    Cluster lifted = cluster.moved(Math.min(0, bottom - cluster.bottom()));
    return lifted.moved(Math.max(0, top - lifted.top()));
  }
}
