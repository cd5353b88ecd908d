package dev.palimpsest.methods.learners;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import java.util.Optional;

/**
 * Cross-entropy on the batch at hand, alpha times the mean squared distance of a replayed batch's
 * logits to those kept with it, and, with beta, beta times the cross-entropy on a second,
 * independent batch; each batch in a pass of its own.
 *
 * <p>Kept are the image as it was in the data and the logits that the network in training gave to
 * the augmented image when the sample was offered.
 */
final class LogitReplay extends ReplayLesson {
  private final double alpha;
  private final Optional<Double> beta;
  private Optional<NDArray> said = Optional.empty();
  private Runnable keep = () -> {};

  LogitReplay(BufferSettings settings, TaskContext context, double alpha, Optional<Double> beta) {
    super(settings, context);
    this.alpha = alpha;
    this.beta = beta;
  }

  @Override
  public Net.Loss loss(Step step) {
    Batch own = step.batch();
    Optional<Replay> replay = drawn(step);
    Optional<Batch> second =
        beta.flatMap(b -> drawn(step)).map(drawn -> drawn.batch(step.augment()));
    Optional<NDArray> images = replay.map(drawn -> drawn.batch(step.augment()).images());
    said = Optional.empty();
    keep =
        () ->
            buffer()
                .add(step.raw(), context().task().number(), said, Optional.empty(), step.random());
    return graph -> {
      NDArray logits = graph.forward(own.images()).logits();
      if (said.isEmpty()) {
        said = Optional.of(Ops.detached(logits));
      }
      NDArray loss = Ops.crossEntropy(logits, own.labels());
      if (replay.isPresent()) {
        NDArray now = graph.forward(images.orElseThrow()).logits();
        loss = loss.add(Ops.scaled(distance(now, replay.get()), alpha));
      }
      if (second.isPresent()) {
        NDArray now = graph.forward(second.get().images()).logits();
        loss =
            loss.add(Ops.scaled(Ops.crossEntropy(now, second.get().labels()), beta.orElseThrow()));
      }
      return loss;
    };
  }

  private static NDArray distance(NDArray logits, Replay replay) {
    long classes = logits.getShape().get(1);
    return distance(logits, replay.logits(classes), replay.logitsKept(classes));
  }

  /** The mean squared distance over the entries where {@code kept} is 1; all are [n, classes]. */
  static NDArray distance(NDArray logits, NDArray former, NDArray kept) {
    return logits.sub(former).square().mul(kept).sum().div(kept.sum());
  }

  @Override
  public void moved() {
    keep.run();
  }
}
