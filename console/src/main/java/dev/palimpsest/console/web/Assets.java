package dev.palimpsest.console.web;

import dev.palimpsest.base.Digest;
import io.javalin.config.RoutesConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Styles, scripts and fonts. Each is served under a name that holds the digest of its bytes, so
 * that a browser keeps it for ever.
 */
public final class Assets {
  private static final String OWN = "/dev/palimpsest/console/web/";
  private static final String JARS = "/META-INF/resources/webjars/";

  private static final String ACE = JARS + "ace-builds/1.41.0/";

  /** An image beside a style sheet. */
  private static final Pattern IMAGE = Pattern.compile("url\\(\"\\./([^\"]+)\"\\)");

  /** The style sheet is put together from these, in this order. */
  private static final List<String> STYLES =
      List.of(
          "base",
          "charts",
          "graph",
          "runs",
          "submit",
          "studies",
          "artifacts",
          "compare",
          "workers",
          "housekeeping");

  private static final Map<String, String> TYPES =
      Map.of(
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml",
          "woff2", "font/woff2");

  private record Asset(String url, String type, byte[] bytes) {}

  private final Map<String, Asset> assets = new LinkedHashMap<>();

  Assets() {
    add("inter.woff2", own("fonts/inter.woff2"));
    add("jetbrains-mono.woff2", own("fonts/jetbrains-mono.woff2"));
    add("console.css", styles());
    add("htmx.js", read(JARS + "htmx.org/2.0.10/dist/htmx.min.js"));
    add("idiomorph-ext.js", own("vendor/idiomorph-ext.js"));
    add("console.js", own("console.js"));
    add("charts.js", own("charts.js"));
    add("icon.svg", own("icon.svg"));
    add("ace.css", inlined(ACE + "css/"));
    add("ace.js", read(ACE + "src-min-noconflict/ace.js"));
    add("ace-json.js", read(ACE + "src-min-noconflict/mode-json.js"));
    add("ace-search.js", read(ACE + "src-min-noconflict/ext-searchbox.js"));
    add("editor.js", own("editor.js"));
  }

  /** Where the asset of this name is, such as {@code console.css}. */
  public String url(String name) {
    Asset asset = assets.get(name);
    if (asset == null) {
      throw new IllegalArgumentException("no asset is called " + name);
    }
    return asset.url();
  }

  void addTo(RoutesConfig routes) {
    assets
        .values()
        .forEach(asset ->
            routes.get(
                asset.url(),
                context ->
                    context
                        .header("Cache-Control", "public, max-age=31536000, immutable")
                        .contentType(asset.type())
                        .result(asset.bytes())));
  }

  private void add(String name, byte[] bytes) {
    int dot = name.lastIndexOf('.');
    String ending = name.substring(dot + 1);
    String digest = Digest.of(bytes).hex().substring(0, 12);
    String url = "/assets/" + name.substring(0, dot) + "." + digest + "." + ending;
    assets.put(name, new Asset(url, TYPES.getOrDefault(ending, "application/octet-stream"), bytes));
  }

  /** Fonts are named in it by their plain names. */
  private byte[] styles() {
    var all = new StringBuilder();
    for (String name : STYLES) {
      all.append(new String(own("css/" + name + ".css"), StandardCharsets.UTF_8)).append('\n');
    }
    String text = all.toString();
    for (String font : List.of("inter.woff2", "jetbrains-mono.woff2")) {
      text = text.replace("url(" + font + ")", "url(" + url(font) + ")");
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The editor's style sheet with its icons within it. */
  private static byte[] inlined(String folder) {
    String text = new String(read(folder + "ace.css"), StandardCharsets.UTF_8);
    String whole =
        IMAGE
            .matcher(text)
            .replaceAll(image -> {
              String name = image.group(1);
              String type = name.endsWith(".svg") ? "image/svg+xml" : "image/png";
              String data = Base64.getEncoder().encodeToString(read(folder + name));
              return "url(\"data:" + type + ";base64," + data + "\")";
            });
    return whole.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] own(String name) {
    return read(OWN + name);
  }

  private static byte[] read(String resource) {
    try (InputStream in = Assets.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not on the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
