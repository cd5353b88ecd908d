package dev.palimpsest.methods.learners.rfe;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Scope;

/**
 * Keeps the classifier's rows of old tasks as they are. No gradient reaches them; without this,
 * weight decay would.
 */
final class HeldHeads implements AutoCloseable {
  private final Net net;
  private final NDArray free;
  private final NDArray held;

  /** Holds the rows of classes 0 to {@code first - 1}. */
  HeldHeads(Net net, int first) {
    this.net = net;
    try (NDArray old = Classifier.of(net).rows(net, first);
        Scope scope = Scope.open()) {
      this.held = scope.keep(net.weights().mul(old));
      this.free = scope.keep(old.sub(1).neg());
    }
  }

  /** Undoes what a step did to them. */
  void putBack() {
    net.weights().muli(free).addi(held);
  }

  @Override
  public void close() {
    free.close();
    held.close();
  }
}
