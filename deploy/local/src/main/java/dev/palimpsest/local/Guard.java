package dev.palimpsest.local;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/**
 * Runs another main class in a process that ends with its parent.
 *
 * <p>The parent keeps the child's standard input open. When that pipe closes, on purpose or because
 * the parent was killed, the child leaves through its shutdown hooks, and after {@value
 * #GRACE_MILLIS} ms without them. Stands alone: it may be put on a class path by itself.
 */
public final class Guard {
  private static final long GRACE_MILLIS = 3000;

  private Guard() {}

  /**
   * Runs {@code args[0]}'s main method with the remaining arguments.
   *
   * @throws ReflectiveOperationException when there is no such class or main method
   */
  public static void main(String[] args) throws Throwable {
    daemon("guard", Guard::leaveWithTheParent);
    run(args);
  }

  /** Runs {@code args[0]}'s main method with the remaining arguments. */
  static void run(String[] args) throws Throwable {
    try {
      Class.forName(args[0])
          .getMethod("main", String[].class)
          .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static void leaveWithTheParent() {
    try {
      while (System.in.read() >= 0) {
        // The parent never writes; whatever comes is passed over.
      }
    } catch (IOException e) {
      // A broken pipe has also ended.
    }
    daemon("guard-halt", Guard::haltAfterGrace);
    System.exit(0);
  }

  private static void haltAfterGrace() {
    try {
      Thread.sleep(GRACE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(0);
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
