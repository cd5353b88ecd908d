package dev.palimpsest.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;

/** Frees every array that was made on this thread since it was opened, except those kept. */
public final class Scope implements AutoCloseable {
  private final NDScope scope = new NDScope();

  private Scope() {
    scope.suppressNotUsedWarning();
  }

  public static Scope open() {
    return new Scope();
  }

  /** Lets an array outlive this scope (not those around it); its owner closes it. */
  public <A extends NDArray> A keep(A array) {
    NDScope.unregister(array);
    return array;
  }

  @Override
  public void close() {
    scope.close();
  }
}
