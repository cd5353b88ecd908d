package dev.palimpsest.methods.learners;

import dev.palimpsest.engine.Augmentation;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Randomness;
import java.util.Optional;

/**
 * What a learner has at hand while it learns a task, and after.
 *
 * @param net the network: about to learn the task, or having learned it; the learner may change its
 *     weights after the task, and closes it never
 * @param former the network as it was before the task; only after one, and only if there was one
 * @param data the task's training images
 * @param validation the task's held-out images
 * @param memory what the learner kept of earlier tasks, and of this one's training
 * @param augmentation how training images are varied
 * @param randomness of this task
 */
public record TaskContext(
    Task task,
    Net net,
    Optional<Net> former,
    Images data,
    Optional<Images> validation,
    Memory memory,
    Augmentation augmentation,
    Randomness randomness) {
  /** This context with the network before the task. */
  public TaskContext after(Optional<Net> before) {
    return new TaskContext(task, net, before, data, validation, memory, augmentation, randomness);
  }
}
