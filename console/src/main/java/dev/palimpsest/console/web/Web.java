package dev.palimpsest.console.web;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import java.net.BindException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The web server: what holds for every request, whatever page it asks for. */
public final class Web implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Web.class);

  /** The most bytes of a request: a definition with its inputs is smaller by far. */
  private static final long LARGEST = 8 << 20;

  private static final Set<HandlerType> READING =
      Set.of(HandlerType.GET, HandlerType.HEAD, HandlerType.OPTIONS);

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self';"
          + " worker-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none';"
          + " frame-ancestors 'none'";

  private final Javalin server;
  private final Live live;

  private Web(Javalin server, Live live) {
    this.server = server;
    this.live = live;
  }

  /** A server of these parts, not yet started. */
  public static Web of(Access access, List<Site.Part> parts) {
    var html = new Html(access, new Assets());
    return of(access, html, new Live(sentence -> notice(html, sentence)), parts);
  }

  /** As {@link #of(Access, List)} with a pace of its own for what moves. */
  static Web of(Access access, Live live, List<Site.Part> parts) {
    return of(access, new Html(access, new Assets()), live, parts);
  }

  private static Web of(Access access, Html html, Live live, List<Site.Part> parts) {
    Javalin server =
        Javalin.create(config -> {
          settings(config);
          config.routes.before(context -> guard(context, access, html));
          html.assets().addTo(config.routes);
          new Login(access, html).addTo(config.routes);
          var site = new Site(config.routes, html, live);
          parts.forEach(part -> part.addTo(site));
          errors(config, html);
        });
    return new Web(server, live);
  }

  private static String notice(Html html, String sentence) {
    return html.piece("web/notice.jte", Map.of("it", new Told(503, sentence)));
  }

  private static void settings(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.http.maxRequestSize = LARGEST;
    config.concurrency.useVirtualThreads = true;
  }

  private static void guard(Context context, Access access, Html html) {
    context.header("Content-Security-Policy", POLICY);
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Referrer-Policy", "same-origin");
    context.header("Cross-Origin-Opener-Policy", "same-origin");
    context.header("Cross-Origin-Resource-Policy", "same-origin");
    if (context.path().startsWith("/assets/")) {
      return;
    }
    context.header("Cache-Control", "no-store");
    if (!access.addressed(context)) {
      throw new HttpResponseException(
          HttpStatus.MISDIRECTED_REQUEST.getCode(), "This console answers at this machine alone.");
    }
    if (context.req().getContentLengthLong() > LARGEST) {
      throw tooLarge();
    }
    // Javalin keeps the parts of such a body on disk, however many.
    if (context.isMultipart()) {
      throw new HttpResponseException(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE.getCode(),
          "Files are not taken; expected a plain form.");
    }
    boolean admitted = access.admits(context);
    boolean entering = context.path().equals(Login.PATH);
    if (!admitted && !entering) {
      Login.ask(context);
      return;
    }
    if (admitted && !entering && !READING.contains(context.method()) && !access.intended(context)) {
      throw new HttpResponseException(
          HttpStatus.FORBIDDEN.getCode(),
          "This page is no longer valid; load it again and repeat what you did.");
    }
  }

  private static HttpResponseException tooLarge() {
    return new HttpResponseException(
        HttpStatus.CONTENT_TOO_LARGE.getCode(),
        "What was sent is too large; expected at most " + (LARGEST >> 20) + " MB.");
  }

  private static void errors(JavalinConfig config, Html html) {
    config.routes.exception(Mistake.class, (e, context) -> tell(context, html, 400, say(e)));
    config.routes.exception(
        Failure.class,
        (e, context) -> {
          LOG.info("{} {}: {}", context.method(), context.path(), e.getMessage());
          tell(context, html, 503, say(e));
        });
    config.routes.exception(
        HttpResponseException.class, (e, context) -> tell(context, html, e.getStatus(), say(e)));
    config.routes.exception(
        Exception.class,
        (e, context) -> {
          LOG.error("{} {} failed", context.method(), context.path(), e);
          tell(
              context,
              html,
              500,
              "The console failed at this page; its log has the trace, and other pages go on.");
        });
    config.routes.error(
        404,
        context -> {
          if (context.result() == null || !"true".equals(context.attribute("told"))) {
            tell(context, html, 404, "There is no page at " + context.path() + ".");
          }
        });
  }

  private static String say(Exception e) {
    return Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
  }

  /**
   * An error: a whole page, or one sentence where htmx asked for a piece. Never throws: Javalin
   * would ask again, without end, where a visitor of a stream has gone.
   */
  private static void tell(Context context, Html html, int status, String sentence) {
    try {
      if (context.res().isCommitted()) {
        return;
      }
      context.attribute("told", "true");
      context.status(status);
      var told = new Told(status, sentence);
      if (context.header("HX-Request") != null) {
        // Not into what asked: a form keeps what was entered.
        context.header("HX-Retarget", "[data-region='" + Live.TROUBLE + "']");
        context.header("HX-Reswap", "innerHTML");
        context.html(html.piece("web/notice.jte", Map.of("it", told)));
      } else {
        html.page(context, "web/error.jte", Section.STUDIES, told.heading(), told);
      }
    } catch (RuntimeException e) {
      LOG.info("Nobody is there to be told: {} ({})", sentence, e.toString());
    }
  }

  /**
   * Starts to serve.
   *
   * @return where
   */
  public URI start(String host, int port) {
    try {
      server.start(host, port);
    } catch (RuntimeException e) {
      if (e.getCause() instanceof BindException
          || e instanceof io.javalin.util.JavalinBindException) {
        throw new Mistake(
            "Port " + port + " of " + host + " is in use; expected a free one: --console-port.", e);
      }
      throw e;
    }
    return URI.create(
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + server.port());
  }

  @Override
  public void close() {
    live.close();
    server.stop();
  }
}
