package dev.palimpsest.console.web;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.javalin.http.Context;
import java.util.Map;

/** Renders templates, which are compiled with the code and escape what they are given. */
public final class Html {
  private static final String PACKAGE = "dev.palimpsest.console";

  private final TemplateEngine engine =
      TemplateEngine.createPrecompiled(null, ContentType.Html, null, PACKAGE);
  private final Access access;
  private final Assets assets;

  Html(Access access, Assets assets) {
    this.access = access;
    this.assets = assets;
  }

  Assets assets() {
    return assets;
  }

  /** A template as text. */
  public String piece(String template, Map<String, Object> parameters) {
    var out = new StringOutput();
    engine.render(template, parameters, out);
    return out.toString();
  }

  void page(Context context, String template, Section section, String title, Object it) {
    Page page = page(context, section, title);
    context.html(piece(template, Map.of("page", page, "it", it)));
  }

  Page page(Context context, Section section, String title) {
    return new Page(title, section, csrf(context), assets, access.guarded());
  }

  String sign(String text) {
    return access.sign(text);
  }

  String csrf(Context context) {
    return access.csrf(context);
  }
}
