package dev.palimpsest.console.artifacts;

import dev.palimpsest.console.artifacts.ImageSheet.Size;
import dev.palimpsest.report.ContactSheet;
import dev.palimpsest.tensors.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A poison plan and the images that it poisons.
 *
 * @param facts what it says, by name
 * @param trigger a picture of it and what it is, where it can be drawn
 * @param figure the drawing that its stage made beside it; empty if there is none
 * @param sheet the images; empty where their data set is not known
 * @param drawn whether the poisoned images can be drawn from the plan's tensors
 */
record PlanView(
    List<Fact> facts,
    String summary,
    Optional<Source> trigger,
    Optional<String> figure,
    Optional<Sheet> sheet,
    boolean drawn,
    String why) {
  /** A name and what stands under it. */
  record Fact(String name, String value) {}

  /** A part of a sheet: clean, poisoned, or how they differ. */
  enum View {
    CLEAN,
    POISONED,
    DIFFERENCE
  }

  /**
   * A page of images.
   *
   * @param sources the pictures, in the order of {@link View}
   */
  record Sheet(
      String data, List<Cell> cells, Size size, List<Source> sources, Pager pager, String which) {}

  record Source(String name, String src) {}

  /** An image in each of the pictures. */
  record Cell(int place, int x, int y, String from, String to) {}

  /**
   * @param plan the plan's tensors
   * @param data what it was made for, if that is still there and can be shown
   * @param figure see {@link PlanView}
   */
  static PlanView of(
      TensorFile plan, Optional<TensorFile> data, Optional<String> figure, int page) {
    List<String> classes = data.map(ImageSheet::classes).orElse(List.of());
    long[] targets = targets(plan);
    Optional<Sheet> sheet = data.map(file -> sheet(plan, file, classes, targets, page));
    boolean drawn = data.filter(file -> drawable(plan, file)).isPresent();
    return new PlanView(
        facts(plan, classes, targets),
        summary(plan, classes, targets),
        Trigger.of(plan)
            .map(trigger ->
                new Source(
                    trigger.told(),
                    "/artifacts/" + plan.reference().sha256().hex() + "/trigger.png")),
        figure,
        sheet,
        drawn,
        why(data.isPresent(), drawn));
  }

  /** A picture of a page. */
  static Tensor picture(TensorFile plan, TensorFile data, View view, int page) {
    Tensor clean = ImageSheet.images(data, places(plan, page, size(data)));
    return ImageSheet.tiled(
        switch (view) {
          case CLEAN -> clean;
          case POISONED -> poisoned(plan, clean);
          case DIFFERENCE -> ContactSheet.difference(clean, poisoned(plan, clean), 1);
        });
  }

  /**
   * The images under a trigger that is a mask and a pattern: {@code x (1 - mask) + pattern}, in the
   * arithmetic of the attack's own, so to the same bytes.
   */
  static Tensor poisoned(TensorFile plan, Tensor clean) {
    float[] mask = plan.tensor(Trigger.MASK).floats();
    float[] pattern = plan.tensor(Trigger.PATTERN).floats();
    byte[] pixels = clean.bytes();
    byte[] poisoned = new byte[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      int at = i % mask.length;
      float value = Byte.toUnsignedInt(pixels[i]) / 255f * (1 - mask[at]) + pattern[at];
      poisoned[i] = (byte) (int) Math.clamp(Math.rint(value * 255f), 0, 255);
    }
    return Tensor.of(poisoned, clean.shape());
  }

  /** Whether the trigger is a mask and a pattern of the images' size, and nothing else. */
  static boolean drawable(TensorFile plan, TensorFile data) {
    List<Long> image = Arrays.stream(ImageSheet.image(data)).boxed().toList();
    List<String> trigger =
        plan.header().tensors().keySet().stream()
            .filter(name -> name.startsWith("trigger."))
            .toList();
    return trigger.size() == 2
        && List.of(Trigger.MASK, Trigger.PATTERN).stream()
            .allMatch(name ->
                plan.entry(name)
                    .filter(entry -> entry.type() == Tensor.Type.F32 && entry.shape().equals(image))
                    .isPresent());
  }

  private static Sheet sheet(
      TensorFile plan, TensorFile data, List<String> classes, long[] targets, int page) {
    String at = "/artifacts/" + plan.reference().sha256().hex();
    String hex = data.reference().sha256().hex();
    List<Integer> places = places(plan, page, size(data));
    Pager pager = Pager.of(page, ImageSheet.PER_PAGE, total(plan, size(data)), at + "?");
    long[] image = ImageSheet.image(data);
    var cells = new ArrayList<Cell>();
    int first = places.isEmpty() ? 0 : places.getFirst();
    int span = places.isEmpty() ? 0 : places.getLast() - first + 1;
    long[] labels = data.rows("labels", first, span).longs();
    for (int i = 0; i < places.size(); i++) {
      long label = labels[places.get(i) - first];
      cells.add(
          new Cell(
              places.get(i),
              i % ImageSheet.PER_ROW * (int) image[2],
              i / ImageSheet.PER_ROW * (int) image[1],
              ImageSheet.name(classes, label),
              label >= 0 && label < targets.length
                  ? ImageSheet.name(classes, targets[(int) label])
                  : "?"));
    }
    boolean drawn = drawable(plan, data);
    List<Source> sources =
        Arrays.stream(View.values())
            .filter(view -> drawn || view == View.CLEAN)
            .map(view -> {
              String name = view.name().toLowerCase(java.util.Locale.ROOT);
              return new Source(
                  name, at + "/sheet.png?data=" + hex + "&view=" + name + "&page=" + pager.page());
            })
            .toList();
    return new Sheet(
        "/artifacts/" + hex, cells, Size.of(image, places.size()), sources, pager, which(plan));
  }

  private static int size(TensorFile data) {
    return data.entry("images").orElseThrow().shape().getFirst().intValue();
  }

  /** Where the images lie that it poisons, or may poison. */
  private static List<Integer> places(TensorFile plan, int page, int images) {
    Pager pager = Pager.of(page, ImageSheet.PER_PAGE, total(plan, images), "");
    IntStream all =
        chosen(plan)
            .map(chosen ->
                Arrays.stream(chosen)
                    .filter(i -> i >= 0 && i < images)
                    .mapToInt(i -> (int) i)
                    .sorted())
            .orElseGet(() -> IntStream.range(0, pager.total()));
    return all.skip(pager.from()).limit(ImageSheet.PER_PAGE).boxed().toList();
  }

  private static int total(TensorFile plan, int images) {
    return chosen(plan)
        .map(chosen -> (int) Arrays.stream(chosen).filter(i -> i >= 0 && i < images).count())
        .orElseGet(() -> Math.min(images, eligible(plan).orElse(images)));
  }

  /** The places that a static plan has chosen; empty for a dynamic one. */
  private static Optional<long[]> chosen(TensorFile plan) {
    return plan.entry("chosen")
        .filter(entry -> entry.type() == Tensor.Type.I64)
        .map(entry -> plan.tensor("chosen").longs());
  }

  private static Optional<Integer> eligible(TensorFile plan) {
    return text(plan, "eligible").filter(text -> text.matches("[0-9]{1,9}")).map(Integer::valueOf);
  }

  private static long[] targets(TensorFile plan) {
    return plan.entry("target_map")
        .filter(entry -> entry.type() == Tensor.Type.I64)
        .map(entry -> plan.tensor("target_map").longs())
        .orElse(new long[0]);
  }

  private static Optional<String> text(TensorFile plan, String name) {
    return Optional.ofNullable(plan.header().metadata().get(name));
  }

  private static String percent(TensorFile plan) {
    return text(plan, "rate")
        .filter(text -> text.matches("[0-9.Ee-]{1,24}"))
        .map(text -> TensorTable.number(100 * Double.parseDouble(text)) + " %")
        .orElse("an unknown share");
  }

  private static String which(TensorFile plan) {
    return chosen(plan).isPresent()
        ? "The images that the plan has chosen; each is poisoned in every epoch."
        : "Any of these may be poisoned: in each batch every image is with a probability of "
            + percent(plan)
            + ", so here each is shown as it then looks.";
  }

  private static String target(List<String> classes, long[] targets) {
    List<String> names =
        Arrays.stream(targets).distinct().mapToObj(to -> ImageSheet.name(classes, to)).toList();
    return names.size() == 1 ? "“" + names.getFirst() + "”" : "a class by its own";
  }

  private static String summary(TensorFile plan, List<String> classes, long[] targets) {
    return "A network that is trained with this plan is to take every image with the trigger for "
        + target(classes, targets)
        + ".";
  }

  private static List<Fact> facts(TensorFile plan, List<String> classes, long[] targets) {
    var facts = new ArrayList<Fact>();
    text(plan, "attack").ifPresent(attack -> facts.add(new Fact("Attack", attack)));
    facts.add(new Fact("Target", target(classes, targets)));
    facts.add(new Fact("Poisoning rate", percent(plan)));
    text(plan, "timing")
        .ifPresent(timing ->
            facts.add(
                new Fact(
                    "Timing",
                    timing.equals("static")
                        ? "static: the same images in every epoch, before augmentation"
                        : timing + ": drawn anew in each batch, after augmentation")));
    chosen(plan)
        .ifPresentOrElse(
            chosen -> facts.add(new Fact("Chosen images", Integer.toString(chosen.length))),
            () ->
                eligible(plan)
                    .ifPresent(
                        n -> facts.add(new Fact("May be poisoned", "the first " + n + " images"))));
    text(plan, "parameters").ifPresent(text -> facts.add(new Fact("Parameters", text)));
    return facts;
  }

  private static String why(boolean data, boolean drawn) {
    if (!data) {
      return "The data set that this plan was made for is not in the store, so its images cannot be shown.";
    }
    return drawn
        ? "Poisoned images are drawn here from the plan's own tensors: x (1 − mask) + pattern."
        : "The trigger of this attack is more than a mask and a pattern: the console shows the images"
            + " as they were, and how they look with it is in the figure of the stage.";
  }
}
