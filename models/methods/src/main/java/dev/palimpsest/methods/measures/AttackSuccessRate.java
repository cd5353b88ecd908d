package dev.palimpsest.methods.measures;

import com.google.auto.service.AutoService;
import dev.palimpsest.spec.Citation;
import dev.palimpsest.spec.Method;
import java.util.OptionalDouble;

/**
 * Attack success rate (ASR): the share of triggered images taken for the target class, without
 * those whose true class it is.
 */
@SuppressWarnings("rawtypes")
@AutoService(Method.class)
public final class AttackSuccessRate implements Measure<AttackSuccessRate.Parameters> {
  /** None. */
  public record Parameters() {}

  @Override
  public String name() {
    return "attack-success-rate";
  }

  @Override
  public String summary() {
    return "Share of triggered test images that are taken for the target class.";
  }

  @Override
  public Citation citation() {
    return new Citation(
        "gu2019badnets",
        "T. Gu, K. Liu, B. Dolan-Gavitt, S. Garg. BadNets: Evaluating Backdooring Attacks on Deep"
            + " Neural Networks. IEEE Access 7, 2019.",
        """
        @article{gu2019badnets,
          author = {Gu, Tianyu and Liu, Kang and Dolan-Gavitt, Brendan and Garg, Siddharth},
          title = {{BadNets}: Evaluating Backdooring Attacks on Deep Neural Networks},
          journal = {IEEE Access},
          volume = {7},
          pages = {47230--47244},
          year = {2019}
        }
        """);
  }

  @Override
  public Class<Parameters> parameters() {
    return Parameters.class;
  }

  @Override
  public OptionalDouble of(Parameters parameters, Outcome outcome) {
    return of(outcome);
  }

  /** The measure, which has no parameters. */
  public static OptionalDouble of(Outcome outcome) {
    return Shares.of(outcome, i -> outcome.triggered(i) == outcome.wanted(i));
  }

  /** How many triggered images count; 0 without a trigger. */
  public static int counted(Outcome outcome) {
    int counted = 0;
    if (!outcome.hasTrigger()) {
      return counted;
    }
    for (int i = 0; i < outcome.size(); i++) {
      counted += outcome.counts(i) ? 1 : 0;
    }
    return counted;
  }
}
