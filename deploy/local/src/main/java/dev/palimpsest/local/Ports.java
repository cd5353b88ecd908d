package dev.palimpsest.local;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports on the loopback address. */
final class Ports {
  /** Below the range from which systems take the ports of outgoing connections. */
  private static final int LOWEST = 20_000;

  private static final int HIGHEST = 32_000;

  private Ports() {}

  /**
   * The given port if it is free, or a free one for 0.
   *
   * @param option the option that chooses this port, for the sentence
   * @throws Mistake when the given port is in use or none
   */
  static int choose(int given, String what, String option) {
    if (given == 0) {
      return free();
    }
    if (given < 0 || given > 65_535) {
      throw new Mistake(option + " is " + given + "; expected 0 for a free port, or 1 to 65535.");
    }
    if (!isFree(given)) {
      throw new Mistake(
          "Port "
              + given
              + " for "
              + what
              + " is in use on 127.0.0.1; end the program that holds it or choose another port with "
              + option
              + ".");
    }
    return given;
  }

  private static int free() {
    for (int attempt = 0; attempt < 200; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      if (isFree(port)) {
        return port;
      }
    }
    throw new Failure("No free port found on 127.0.0.1 between 20000 and 32000.");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
