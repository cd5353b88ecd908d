package dev.palimpsest.local;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;

/** Asks a server on this machine whether it answers. */
final class Probe {
  private static final int TIMEOUT_MILLIS = 10_000;

  private Probe() {}

  /** Whether a GET ends with 200. */
  static boolean isHealthy(URI url) {
    return status(url) == HttpURLConnection.HTTP_OK;
  }

  /** Whether anything that speaks HTTP answers, if only to refuse. */
  static boolean answers(URI url) {
    return status(url) > 0;
  }

  private static int status(URI url) {
    try {
      HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      try {
        return connection.getResponseCode();
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      return -1;
    }
  }
}
