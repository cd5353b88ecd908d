package dev.palimpsest.console.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** The page that asks for the token. */
final class Login {
  static final String PATH = "/login";

  private final Access access;
  private final Html html;

  Login(Access access, Html html) {
    this.access = access;
    this.html = html;
  }

  /**
   * What the page shows.
   *
   * @param next where one wanted to go
   */
  record Form(Page page, String next, boolean refused) {}

  /** Sends a visitor without a cookie to the login page, or says so where no page is asked for. */
  static void ask(Context context) {
    boolean page = context.method().name().equals("GET") && context.header("HX-Request") == null;
    if (page) {
      String query = Optional.ofNullable(context.queryString()).map(q -> "?" + q).orElse("");
      context.redirect(
          PATH + "?next=" + URLEncoder.encode(context.path() + query, StandardCharsets.UTF_8));
    } else {
      context.header("HX-Redirect", PATH).status(HttpStatus.UNAUTHORIZED);
    }
    context.skipRemainingHandlers();
  }

  void addTo(RoutesConfig routes) {
    routes.get(PATH, context -> show(context, next(context.queryParam("next")), false));
    routes.post(
        PATH,
        context -> {
          String next = next(context.formParam("next"));
          if (access.login(context, Optional.ofNullable(context.formParam("token")).orElse(""))) {
            context.redirect(next, HttpStatus.SEE_OTHER);
          } else {
            context.status(HttpStatus.UNAUTHORIZED);
            show(context, next, true);
          }
        });
    routes.post(
        "/logout",
        context -> {
          access.logout(context);
          context.redirect(PATH, HttpStatus.SEE_OTHER);
        });
  }

  private void show(Context context, String next, boolean refused) {
    Page page = html.page(context, Section.STUDIES, "Sign in");
    context.html(html.piece("web/login.jte", Map.of("it", new Form(page, next, refused))));
  }

  /** A path of this console; anything else would lead away. */
  private static String next(@org.jspecify.annotations.Nullable String given) {
    return given != null && given.matches("/[A-Za-z0-9].*|/") && !given.contains("\\")
        ? given
        : "/";
  }
}
