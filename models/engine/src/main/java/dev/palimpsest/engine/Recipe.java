package dev.palimpsest.engine;

import java.util.Optional;

/**
 * How a network is trained.
 *
 * @param batchSize samples a step; the last batch of an epoch may be smaller
 * @param period epochs to the lowest rate of a cosine schedule
 * @param sharpening such as SAM; empty: plain SGD
 * @param frozenStatistics whether running statistics stay as they are
 */
public record Recipe(
    int epochs,
    int batchSize,
    Sgd.Settings sgd,
    Schedule schedule,
    int period,
    Optional<Sharpening> sharpening,
    Augmentation augmentation,
    boolean frozenStatistics) {
  /** Plain SGD at a constant rate, without augmentation. */
  public static Recipe of(int epochs, int batchSize, Sgd.Settings sgd) {
    return new Recipe(
        epochs,
        batchSize,
        sgd,
        Schedule.CONSTANT,
        epochs,
        Optional.empty(),
        Augmentation.NONE,
        false);
  }

  public Recipe with(Schedule newSchedule, int newPeriod) {
    return new Recipe(
        epochs, batchSize, sgd, newSchedule, newPeriod, sharpening, augmentation, frozenStatistics);
  }

  public Recipe with(Sharpening newSharpening) {
    return new Recipe(
        epochs,
        batchSize,
        sgd,
        schedule,
        period,
        Optional.of(newSharpening),
        augmentation,
        frozenStatistics);
  }

  public Recipe with(Augmentation newAugmentation) {
    return new Recipe(
        epochs, batchSize, sgd, schedule, period, sharpening, newAugmentation, frozenStatistics);
  }

  public Recipe withFrozenStatistics(boolean frozen) {
    return new Recipe(epochs, batchSize, sgd, schedule, period, sharpening, augmentation, frozen);
  }
}
