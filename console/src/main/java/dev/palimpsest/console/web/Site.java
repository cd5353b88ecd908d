package dev.palimpsest.console.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.Map;

/** Where the parts of the console add their pages and actions. */
public final class Site {
  private final RoutesConfig routes;
  private final Html html;
  private final Live live;

  Site(RoutesConfig routes, Html html, Live live) {
    this.routes = routes;
    this.html = html;
    this.live = live;
  }

  /** A part of the console. */
  public interface Part {
    void addTo(Site site);
  }

  /** Answers a request. */
  @FunctionalInterface
  public interface Answer {
    void to(Request request) throws Exception;
  }

  /** A page or a piece of one; changes nothing. */
  public Site get(String path, Answer answer) {
    routes.get(path, handler(answer));
    return this;
  }

  /** A change; refused without the page's {@code csrf}. */
  public Site post(String path, Answer answer) {
    routes.post(path, handler(answer));
    return this;
  }

  /** The live regions of a page, as server-sent events. */
  public Site live(String path, Live.Looked looked) {
    routes.sse(path, client -> live.serve(client, looked));
    return this;
  }

  /** A piece of a page as text, for its live regions: a template that takes {@code it} alone. */
  public String piece(String template, Object it) {
    return html.piece(template, Map.of("it", it));
  }

  private Handler handler(Answer answer) {
    return (Context context) -> answer.to(new Request(context, html));
  }
}
