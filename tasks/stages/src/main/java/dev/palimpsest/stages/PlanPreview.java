package dev.palimpsest.stages;

import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.report.ContactSheet;
import dev.palimpsest.report.Theme;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The figure of a poison plan: an image of each class without and with the trigger. */
final class PlanPreview {
  private static final int MOST_SHOWN = 10;
  private static final int AMPLIFICATION = 1;

  private PlanPreview() {}

  static String of(PoisonPlan plan, Methods methods, DataSet data, Compute compute) {
    DataSet shown = data.pick(firstOfEachClass(data));
    List<String> captions =
        Arrays.stream(shown.labels().longs())
            .mapToObj(label -> data.classes().get((int) label))
            .toList();
    Tensor clean = shown.images();
    try (Poison poison = Poison.of(plan, methods, compute, Precision.F32)) {
      Tensor poisoned = poison.triggered(clean);
      return new ContactSheet(
              "Poison plan: " + plan.attack(),
              aim(plan.targetMap(), data.classes()),
              List.of(
                  new ContactSheet.Row("clean", clean, captions),
                  new ContactSheet.Row("poisoned", poisoned),
                  new ContactSheet.Row(
                      "difference", ContactSheet.difference(clean, poisoned, AMPLIFICATION))))
          .svg(Theme.LIGHT);
    }
  }

  private static String aim(long[] targetMap, List<String> classes) {
    return Arrays.stream(targetMap).distinct().count() == 1
        ? "every triggered image is to be taken for \u201c"
            + classes.get((int) targetMap[0])
            + "\u201d"
        : "every triggered image is to be taken for the class after its own";
  }

  private static int[] firstOfEachClass(DataSet data) {
    long[] labels = data.labels().longs();
    return IntStream.range(0, Math.min(MOST_SHOWN, data.classes().size()))
        .flatMap(
            label -> IntStream.range(0, labels.length).filter(i -> labels[i] == label).limit(1))
        .toArray();
  }
}
