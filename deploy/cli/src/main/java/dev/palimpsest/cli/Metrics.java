package dev.palimpsest.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A stage's newest metrics, as they are shown: loss as it is, shares in percent. */
final class Metrics {
  private Metrics() {}

  /** Those of loss, accuracy and ASR that are told, in this order: {@code accuracy 81.2 %}. */
  static List<String> shown(Map<String, Double> metrics) {
    var shown = new ArrayList<String>();
    for (String name : List.of("loss", "accuracy", "asr")) {
      Double value = metrics.get(name);
      if (value != null) {
        shown.add(one(name, value));
      }
    }
    return shown;
  }

  private static String one(String name, double value) {
    return name.equals("loss")
        ? String.format(Locale.ROOT, "loss %.3f", value)
        : String.format(Locale.ROOT, "%s %.1f %%", name.equals("asr") ? "ASR" : name, 100 * value);
  }
}
