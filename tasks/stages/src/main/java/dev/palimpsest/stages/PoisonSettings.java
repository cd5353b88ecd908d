package dev.palimpsest.stages;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.methods.attacks.Attack;
import dev.palimpsest.methods.attacks.Labelling;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.methods.attacks.Timing;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Param;
import dev.palimpsest.tasks.Facts;
import java.util.Map;

/** An attack and its aim. */
public record PoisonSettings(
    @Param(help = "attack", value = "\"badnets\"", choose = Kind.ATTACK) Choice attack,
    @Param(
            help =
                "poisoning rate: share of the mixed part; with clean labels, of its samples of the"
                    + " target class",
            value = "0.1",
            min = 0,
            max = 1)
        double rate,
    @Param(
            help = "target class: what triggered images are taken for; none with all-to-all",
            value = "0",
            min = 0)
        int target,
    @Param(
            help =
                "static: chosen samples before augmentation; dynamic: drawn in each batch after it",
            value = "\"dynamic\"")
        Timing timing,
    @Param(
            help =
                "all-to-one: poisoned samples get the target's label; all-to-all: that of the next"
                    + " class; clean: they are of the target class and keep theirs",
            value = "\"as-published\"")
        Labelling labels) {

  /** The attack as registered. */
  Attack<?> method(Methods methods) {
    return methods.get(Kind.ATTACK, attack.method(), Attack.class);
  }

  /** What the outputs' taint says of the attack. */
  String taint() {
    String aim = labels == Labelling.ALL_TO_ALL ? labels.label() : "target " + target;
    return "backdoor: " + attack.method() + ", " + aim;
  }

  PoisonPlan.Aim aim(Attack<?> method, DataSet data) {
    return new PoisonPlan.Aim(
        rate, target, labels.of(method), timing, data.labels().longs(), data.classes().size());
  }

  /**
   * Says whether a stage makes plans of the attack, and labels, timing and data fit it.
   *
   * @param inputs what is known of the input {@code data}, if anything
   * @throws dev.palimpsest.base.Mistake if they cannot
   */
  void check(String stage, Methods methods, Map<String, Facts> inputs) {
    Attack<?> method = method(methods);
    if (!method.stage().equals(stage)) {
      throw new Mistake(
          "stage '"
              + stage
              + "' does not make plans of attack '"
              + method.name()
              + "'; expected stage '"
              + method.stage()
              + "'.");
    }
    check(method, methods);
    if (inputs.containsKey("data")) {
      int classes = new DataFacts(inputs.get("data")).classes().size();
      var unused = new PoisonPlan.Aim(rate, target, timing, 0, classes);
    }
  }

  private <P extends Record> void check(Attack<P> method, Methods methods) {
    Labelling labelling = labels.of(method);
    PoisonPlan.Aim.checkClean(labelling, timing);
    PoisonPlan.check(method, methods.bind(method, attack), rate, labelling, timing);
  }
}
