package dev.palimpsest.methods.attacks;

import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.Arrays;

/**
 * All that training and evaluation need to know of an attack: the trigger, which samples get it and
 * what they are labelled.
 *
 * <p>As tensors: {@code trigger.*} as the attack drew them, {@code target_map} I64 [classes] (the
 * label that a triggered image of each class gets), {@code chosen} I64 (the places of the poisoned
 * samples; static plans only). Metadata: {@code attack}, {@code parameters} (JSON), {@code timing},
 * {@code label} ({@code dirty}: poisoned samples get the target label), {@code rate}, {@code
 * eligible}.
 */
public final class PoisonPlan {
  private static final String TRIGGER = "trigger.";

  private final String attack;
  private final String parameters;
  private final Tensors trigger;
  private final Timing timing;
  private final double rate;
  private final int eligible;
  private final long[] targetMap;
  private final int[] chosen;

  private PoisonPlan(
      String attack,
      String parameters,
      Tensors trigger,
      Timing timing,
      double rate,
      int eligible,
      long[] targetMap,
      int[] chosen) {
    this.attack = attack;
    this.parameters = parameters;
    this.trigger = trigger;
    this.timing = timing;
    this.rate = rate;
    this.eligible = eligible;
    this.targetMap = targetMap;
    this.chosen = chosen;
  }

  /**
   * What an attack aims at.
   *
   * @param rate static: the share of the eligible samples that is poisoned; dynamic: the
   *     probability of each eligible sample in each batch
   * @param target the class that every triggered image is taken for
   * @param eligible how many samples at the head of the training data may be poisoned
   * @param classes how many classes the data have
   */
  public record Aim(double rate, int target, Timing timing, int eligible, int classes) {
    public Aim {
      if (!(rate >= 0 && rate <= 1)) {
        throw new Mistake("the poisoning rate is " + rate + "; expected 0 to 1.");
      }
      if (target < 0 || target >= classes) {
        throw new Mistake(
            "the target class is " + target + "; expected 0 to " + (classes - 1) + ".");
      }
    }
  }

  /** Draws trigger (stream {@code trigger}) and chosen samples (stream {@code chosen}). */
  public static <P extends Record> PoisonPlan draw(
      Attack<P> attack,
      P parameters,
      Aim aim,
      int channels,
      int height,
      int width,
      Randomness randomness) {
    Tensors trigger =
        attack.draw(parameters, channels, height, width, randomness.stream("trigger"));
    int[] chosen = {};
    if (aim.timing() == Timing.STATIC) {
      int count = (int) (aim.rate() * aim.eligible());
      chosen = Arrays.copyOf(randomness.stream("chosen").permutation(aim.eligible()), count);
      Arrays.sort(chosen);
    }
    long[] targetMap = new long[aim.classes()];
    Arrays.fill(targetMap, aim.target());
    return new PoisonPlan(
        attack.name(),
        Json.line(parameters),
        trigger,
        aim.timing(),
        aim.rate(),
        aim.eligible(),
        targetMap,
        chosen);
  }

  public Tensors toTensors() {
    var tensors = new Tensors.Builder();
    trigger.tensors().forEach((name, tensor) -> tensors.put(TRIGGER + name, tensor));
    tensors.put("target_map", Tensor.of(targetMap, targetMap.length));
    if (timing == Timing.STATIC) {
      long[] places = Arrays.stream(chosen).asLongStream().toArray();
      tensors.put("chosen", Tensor.of(places, places.length));
    }
    return tensors
        .text("attack", attack)
        .text("parameters", parameters)
        .text("timing", timing.label())
        .text("label", "dirty")
        .text("rate", Double.toString(rate))
        .text("eligible", Integer.toString(eligible))
        .build();
  }

  /**
   * Reads a plan.
   *
   * @throws Mistake naming what is missing or malformed
   */
  public static PoisonPlan of(Tensors tensors) {
    var trigger = new Tensors.Builder();
    tensors
        .tensors()
        .forEach((name, tensor) -> {
          if (name.startsWith(TRIGGER)) {
            trigger.put(name.substring(TRIGGER.length()), tensor);
          }
        });
    Timing timing = Json.read("the plan's timing", Json.tree(tensors.text("timing")), Timing.class);
    int[] chosen = {};
    if (timing == Timing.STATIC) {
      chosen = Arrays.stream(tensors.get("chosen").longs()).mapToInt(Math::toIntExact).toArray();
    }
    return new PoisonPlan(
        tensors.text("attack"),
        tensors.text("parameters"),
        trigger.build(),
        timing,
        number(tensors, "rate"),
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
    return trigger;
  }

  public Timing timing() {
    return timing;
  }

  public double rate() {
    return rate;
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
