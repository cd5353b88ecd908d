package dev.palimpsest.console.web;

import dev.palimpsest.base.Mistake;
import io.javalin.http.Context;
import java.util.Map;
import java.util.Optional;

/** A request and the ways to answer it. */
public final class Request {
  private final Context context;
  private final Html html;

  Request(Context context, Html html) {
    this.context = context;
    this.html = html;
  }

  /** Javalin's view of it, for what is not here. */
  public Context context() {
    return context;
  }

  /** A part of the path, such as {@code run} of {@code /runs/{run}}. */
  public String path(String name) {
    return context.pathParam(name);
  }

  /** A parameter of the query; empty where it is missing or blank. */
  public Optional<String> query(String name) {
    return Optional.ofNullable(context.queryParam(name)).filter(value -> !value.isBlank());
  }

  /** A field of a form; empty where it is missing or blank. */
  public Optional<String> form(String name) {
    return Optional.ofNullable(context.formParam(name)).filter(value -> !value.isBlank());
  }

  /** A field of a form, or {@link Mistake}. */
  public String required(String name) {
    return form(name)
        .orElseThrow(() -> new Mistake("The field '" + name + "' is empty; expected a value."));
  }

  /** Signs a text for as long as this console runs; with the same text, the same signature. */
  public String sign(String text) {
    return html.sign(text);
  }

  /** Whether htmx asks, so that a piece of the page is enough. */
  public boolean partial() {
    return context.header("HX-Request") != null;
  }

  /**
   * Answers with a page.
   *
   * @param template below {@code src/main/jte}; takes {@code page} and {@code it}
   * @param it what it shows
   */
  public void page(String template, Section section, String title, Object it) {
    html.page(context, template, section, title, it);
  }

  /** Answers with a piece of a page: a template that takes {@code it} and {@code csrf}. */
  public void piece(String template, Object it) {
    context.html(html.piece(template, Map.of("it", it, "csrf", html.csrf(context))));
  }

  /** Goes on to another page, also where htmx asked. */
  public void redirect(String path) {
    if (partial()) {
      context.header("HX-Redirect", path).status(204);
    } else {
      context.redirect(path, io.javalin.http.HttpStatus.SEE_OTHER);
    }
  }
}
