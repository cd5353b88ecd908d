package dev.palimpsest.methods.attacks;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * All that training and evaluation need to know of an attack: the trigger, which samples get it and
 * what they are labelled.
 *
 * <p>As tensors: {@code trigger.*} as the attack made them, {@code target_map} I64 [classes] (the
 * label that a triggered image of each class is meant to get), {@code chosen} I64 (the places of
 * the poisoned samples; static plans only), {@code images} as in {@link Crafted}. Metadata: {@code
 * attack}, {@code parameters} (JSON), {@code timing}, {@code label} ({@code dirty}: poisoned
 * samples get the label of the target map; {@code clean}: it is the label that they have), {@code
 * rate}, {@code covers}, {@code eligible}.
 */
public final class PoisonPlan {
  private static final String TRIGGER = "trigger.";
  private static final String IMAGES = "images";
  private static final String COVERS = "covers";
  private static final String LABEL = "label";
  private static final String DIRTY = "dirty";

  private final String attack;
  private final String parameters;
  private final Crafted crafted;
  private final Timing timing;
  private final String label;
  private final double rate;
  private final double covers;
  private final int eligible;
  private final long[] targetMap;
  private final int[] chosen;

  private PoisonPlan(
      String attack,
      String parameters,
      Crafted crafted,
      Timing timing,
      String label,
      double rate,
      double covers,
      int eligible,
      long[] targetMap,
      int[] chosen) {
    this.attack = attack;
    this.parameters = parameters;
    this.crafted = crafted;
    this.timing = timing;
    this.label = label;
    this.rate = rate;
    this.covers = covers;
    this.eligible = eligible;
    this.targetMap = targetMap;
    this.chosen = chosen;
  }

  /**
   * What an attack aims at.
   *
   * @param rate static: the share of the samples that is poisoned, with clean labels of those of
   *     the target class; dynamic: the probability of each sample in each batch
   * @param target the class that triggered images are taken for; all-to-all has none
   * @param labelling any but {@link Labelling#AS_PUBLISHED}
   * @param labels those of the samples that may be poisoned, the head of the training data
   * @param classes how many classes the data have
   */
  public record Aim(
      double rate, int target, Labelling labelling, Timing timing, long[] labels, int classes) {
    public Aim {
      if (!(rate >= 0 && rate <= 1)) {
        throw new Mistake("the poisoning rate is " + rate + "; expected 0 to 1.");
      }
      if (target < 0 || target >= classes) {
        throw new Mistake(
            "the target class is " + target + "; expected 0 to " + (classes - 1) + ".");
      }
      checkClean(labelling, timing);
    }

    /** All to one, of samples whose labels play no part. */
    public Aim(double rate, int target, Timing timing, int eligible, int classes) {
      this(rate, target, Labelling.ALL_TO_ONE, timing, new long[eligible], classes);
    }

    /** Throws {@link Mistake} where samples cannot be chosen by their label. */
    public static void checkClean(Labelling labelling, Timing timing) {
      if (labelling == Labelling.CLEAN && timing == Timing.DYNAMIC) {
        throw new Mistake(
            "labels are clean and timing is dynamic; expected timing static, which chooses samples"
                + " of the target class once, or labels all-to-one.");
      }
    }

    /**
     * The places that a static plan poisons, ascending (stream {@code chosen}); none for a dynamic
     * one.
     *
     * @throws Mistake if the rate is too small for a single one
     */
    public int[] chosen(Randomness randomness) {
      if (timing == Timing.DYNAMIC) {
        return new int[0];
      }
      int[] candidates = candidates();
      int count = (int) (rate * candidates.length);
      if (count == 0 && rate > 0) {
        throw new Mistake(
            "the poisoning rate is "
                + rate
                + ", which is less than one of "
                + candidates.length
                + (labelling == Labelling.CLEAN ? " samples of the target class" : " samples")
                + "; raise it.");
      }
      int[] order = randomness.stream("chosen").permutation(candidates.length);
      return Arrays.stream(order, 0, count).map(i -> candidates[i]).sorted().toArray();
    }

    private int[] candidates() {
      return IntStream.range(0, labels.length)
          .filter(i -> labelling != Labelling.CLEAN || labels[i] == target)
          .toArray();
    }

    long[] targetMap() {
      return labelling.targetMap(target, classes);
    }
  }

  /** As below, without a picture. */
  public static <P extends Record> PoisonPlan draw(
      Attack<P> attack,
      P parameters,
      Aim aim,
      int channels,
      int height,
      int width,
      Randomness randomness) {
    return draw(attack, parameters, aim, Optional.empty(), channels, height, width, randomness);
  }

  /**
   * Draws chosen samples (stream {@code chosen}) and, unless it is a picture that was given, the
   * trigger (stream {@code trigger}).
   *
   * @param picture U8 [channels, height, width], of any size
   * @throws Mistake if the attack's trigger is not drawn or no picture, or it cannot be used so
   */
  public static <P extends Record> PoisonPlan draw(
      Attack<P> attack,
      P parameters,
      Aim aim,
      Optional<Tensor> picture,
      int channels,
      int height,
      int width,
      Randomness randomness) {
    if (!(attack instanceof DrawnAttack<P> drawn)) {
      throw new Mistake(
          "the trigger of attack '"
              + attack.name()
              + "' is not drawn; expected stage '"
              + attack.stage()
              + "'.");
    }
    picture.ifPresent(given -> checkChannels(given, channels));
    Tensors trigger =
        picture
            .map(given -> drawn.of(parameters, given, height, width))
            .orElseGet(() ->
                drawn.draw(parameters, channels, height, width, randomness.stream("trigger")));
    return of(attack, parameters, aim, aim.chosen(randomness), Crafted.of(trigger));
  }

  private static void checkChannels(Tensor picture, int channels) {
    if (picture.shape()[0] != channels) {
      throw new Mistake(
          "the picture has "
              + picture.shape()[0]
              + " channels and the images have "
              + channels
              + "; expected as many.");
    }
  }

  /**
   * The plan of an attack whose trigger is there.
   *
   * @param chosen as from {@link Aim#chosen}
   * @throws Mistake if the attack cannot be used so
   */
  public static <P extends Record> PoisonPlan of(
      Attack<P> attack, P parameters, Aim aim, int[] chosen, Crafted crafted) {
    check(attack, parameters, aim.rate(), aim.labelling(), aim.timing());
    return new PoisonPlan(
        attack.name(),
        Json.line(parameters),
        crafted,
        aim.timing(),
        aim.labelling() == Labelling.CLEAN ? "clean" : DIRTY,
        aim.rate(),
        attack.covers(parameters),
        aim.labels().length,
        aim.targetMap(),
        chosen.clone());
  }

  /** Throws {@link Mistake} if the attack cannot be used so. */
  public static <P extends Record> void check(
      Attack<P> attack, P parameters, double rate, Labelling labelling, Timing timing) {
    attack.check(parameters, labelling, timing);
    double covers = attack.covers(parameters);
    if (rate * (1 + covers) > 1) {
      throw new Mistake(
          "the poisoning rate is "
              + rate
              + " and attack '"
              + attack.name()
              + "' alters "
              + covers
              + " further samples for each poisoned one, more than there are; lower the rate.");
    }
  }

  /**
   * Throws {@link Mistake} if chosen samples would be other images than those that were chosen.
   *
   * @param images how many the plan is to poison among
   */
  public void requireMadeFor(int images) {
    if (timing == Timing.STATIC && images != eligible) {
      throw new Mistake(
          "the poison plan chose samples among "
              + eligible
              + " images and is given "
              + images
              + "; expected the data that it was made for, or timing dynamic.");
    }
  }

  public Tensors toTensors() {
    var tensors = new Tensors.Builder();
    tensors.putUnder(TRIGGER, trigger());
    tensors.put("target_map", Tensor.of(targetMap, targetMap.length));
    if (timing == Timing.STATIC) {
      long[] places = Arrays.stream(chosen).asLongStream().toArray();
      tensors.put("chosen", Tensor.of(places, places.length));
    }
    images().ifPresent(images -> tensors.put(IMAGES, images));
    return tensors
        .text("attack", attack)
        .text("parameters", parameters)
        .text("timing", timing.label())
        .text(LABEL, label)
        .text("rate", Double.toString(rate))
        .text(COVERS, Double.toString(covers))
        .text("eligible", Integer.toString(eligible))
        .build();
  }

  /**
   * Reads a plan. One without {@code label} or {@code covers} has dirty labels and no covers.
   *
   * @throws Mistake naming what is missing or malformed
   */
  public static PoisonPlan of(Tensors tensors) {
    Timing timing = Json.read("the plan's timing", Json.tree(tensors.text("timing")), Timing.class);
    int[] chosen = {};
    if (timing == Timing.STATIC) {
      chosen = Arrays.stream(tensors.get("chosen").longs()).mapToInt(Math::toIntExact).toArray();
    }
    return new PoisonPlan(
        tensors.text("attack"),
        tensors.text("parameters"),
        new Crafted(tensors.under(TRIGGER), Optional.ofNullable(tensors.tensors().get(IMAGES))),
        timing,
        tensors.metadata().getOrDefault(LABEL, DIRTY),
        number(tensors, "rate"),
        tensors.metadata().containsKey(COVERS) ? number(tensors, COVERS) : 0,
        (int) number(tensors, "eligible"),
        tensors.get("target_map").longs(),
        chosen);
  }

  private static double number(Tensors tensors, String name) {
    String text = tensors.text(name);
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new Mistake("the plan's " + name + " is '" + text + "'; expected a number.", e);
    }
  }

  /** The attack's name. */
  public String attack() {
    return attack;
  }

  /** The attack as registered. */
  Attack<?> method(Methods methods) {
    return methods.get(Kind.ATTACK, attack, Attack.class);
  }

  public Tensors trigger() {
    return crafted.trigger();
  }

  /** What the chosen samples look like before the trigger is put on, where that was crafted. */
  public Optional<Tensor> images() {
    return crafted.images();
  }

  public Timing timing() {
    return timing;
  }

  public double rate() {
    return rate;
  }

  /** Cover samples for each poisoned one, in expectation. */
  public double covers() {
    return covers;
  }

  /** How many samples at the head of the training data may be poisoned. */
  public int eligible() {
    return eligible;
  }

  /** The label that a triggered image of each class is meant to get. */
  public long[] targetMap() {
    return targetMap.clone();
  }

  /** The places of the poisoned samples, ascending; empty for dynamic plans. */
  public int[] chosen() {
    return chosen.clone();
  }
}
