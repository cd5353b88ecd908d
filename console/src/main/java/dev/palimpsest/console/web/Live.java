package dev.palimpsest.console.web;

import io.javalin.http.Context;
import io.javalin.http.sse.SseClient;
import java.util.SequencedMap;

/**
 * Sends the regions of open pages again when they changed.
 *
 * <p>However many look at a page, its regions are made once a second; nobody who looks costs
 * nothing.
 */
public final class Live implements AutoCloseable {
  Live() {}

  /**
   * A page that is looked at.
   *
   * @param key pages with one key have the same regions
   */
  public record View(String key, Regions regions) {}

  /** Makes the regions of a page: HTML by the name of its event, in the order of the page. */
  @FunctionalInterface
  public interface Regions {
    SequencedMap<String, String> now();
  }

  /** What a request looks at. */
  @FunctionalInterface
  public interface Looked {
    View at(Context context);
  }

  void serve(SseClient client, Looked looked) {
    looked.at(client.ctx()).regions().now().forEach(client::sendEvent);
    client.close();
  }

  @Override
  public void close() {}
}
