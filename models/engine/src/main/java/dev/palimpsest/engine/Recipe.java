package dev.palimpsest.engine;

import java.util.Optional;

/**
 * How a network is trained.
 *
 * @param batchSize samples a step; the last batch of an epoch may be smaller
 * @param optimiser with the rate of the first epoch
 * @param period epochs to the lowest rate of a cosine schedule
 * @param sharpening such as SAM; empty: plain descent
 * @param frozenStatistics whether running statistics stay as they are
 */
public record Recipe(
    int epochs,
    int batchSize,
    Optimiser.Settings optimiser,
    Schedule schedule,
    int period,
    Optional<Sharpening> sharpening,
    Augmentation augmentation,
    boolean frozenStatistics) {
  /** A constant rate, without augmentation. */
  public static Recipe of(int epochs, int batchSize, Optimiser.Settings optimiser) {
    return new Recipe(
        epochs,
        batchSize,
        optimiser,
        Schedule.CONSTANT,
        epochs,
        Optional.empty(),
        Augmentation.NONE,
        false);
  }

  public Recipe with(Schedule newSchedule, int newPeriod) {
    return new Recipe(
        epochs,
        batchSize,
        optimiser,
        newSchedule,
        newPeriod,
        sharpening,
        augmentation,
        frozenStatistics);
  }

  public Recipe with(Sharpening newSharpening) {
    return new Recipe(
        epochs,
        batchSize,
        optimiser,
        schedule,
        period,
        Optional.of(newSharpening),
        augmentation,
        frozenStatistics);
  }

  public Recipe with(Augmentation newAugmentation) {
    return new Recipe(
        epochs,
        batchSize,
        optimiser,
        schedule,
        period,
        sharpening,
        newAugmentation,
        frozenStatistics);
  }

  public Recipe withFrozenStatistics(boolean frozen) {
    return new Recipe(
        epochs, batchSize, optimiser, schedule, period, sharpening, augmentation, frozen);
  }
}
