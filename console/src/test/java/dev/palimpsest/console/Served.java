package dev.palimpsest.console;

import com.sun.net.httpserver.HttpServer;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.workflows.client.Conductor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A console on a store in memory and a Conductor that answers what a test tells it to, and a
 * visitor who keeps cookies and brings the page's {@code csrf} along.
 */
public final class Served implements AutoCloseable {
  private static final Pattern CSRF = Pattern.compile("<meta name=\"csrf\" content=\"([^\"]+)\">");

  /** What Conductor answers, by {@code "GET /api/workflow/run-1"}; 404 for all else. */
  public final Map<String, String> conductorAnswers = new ConcurrentHashMap<>();

  /** What Conductor was asked. */
  public final List<String> conductorAsked = new CopyOnWriteArrayList<>();

  public final MemoryStore store = new MemoryStore();
  public final Services services;
  private final HttpServer server;
  private final Console console;
  private final HttpClient visitor =
      HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

  private Served(Path folder, Examples examples, Optional<String> token, Clock clock) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/",
        exchange -> {
          String asked = exchange.getRequestMethod() + " " + exchange.getRequestURI();
          conductorAsked.add(asked);
          String known =
              conductorAnswers.getOrDefault(
                  asked,
                  conductorAnswers.get(
                      exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath()));
          byte[] answer =
              (known == null ? "{\"status\": 404, \"message\": \"unknown\"}" : known)
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(known == null ? 404 : 200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    services =
        new Services(
            Conductor.at("http://127.0.0.1:" + server.getAddress().getPort(), ""),
            store,
            new StoredArtifacts(store, folder.resolve("cache")),
            Catalogue.load(),
            examples,
            Map.of("version", "test"),
            clock,
            true);
    console = Console.start(new Console.Options("127.0.0.1", 0, token), services);
  }

  /** A console of this machine; {@code folder} is for its cache. */
  public static Served in(Path folder) {
    return new Served(folder, Examples.NONE, Optional.empty(), Clock.systemUTC());
  }

  public static Served in(Path folder, Examples examples) {
    return new Served(folder, examples, Optional.empty(), Clock.systemUTC());
  }

  /** A console by whose clock links run out. */
  public static Served in(Path folder, Clock clock) {
    return new Served(folder, Examples.NONE, Optional.empty(), clock);
  }

  public static Served guarded(Path folder, String token) {
    return new Served(folder, Examples.NONE, Optional.of(token), Clock.systemUTC());
  }

  public URI url(String path) {
    return console.url().resolve(path);
  }

  public HttpResponse<String> get(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(url(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  /** What is no text. */
  public HttpResponse<byte[]> bytes(String path) {
    try {
      return visitor.send(HttpRequest.newBuilder(url(path)).build(), BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Posts a form with the {@code csrf} of the first page. */
  public HttpResponse<String> post(String path, Map<String, String> form) {
    String body =
        form.entrySet().stream()
            .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
            .collect(Collectors.joining("&"));
    return send(
        HttpRequest.newBuilder(url(path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("X-CSRF-Token", csrf())
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  /** What a page of this visitor brings along with a change. */
  public String csrf() {
    Matcher found = CSRF.matcher(get("/login").body() + get("/").body());
    return found.find() ? found.group(1) : "";
  }

  public HttpResponse<String> send(HttpRequest request) {
    try {
      return visitor.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends Conductor; the console goes on. */
  public void stopConductor() {
    server.stop(0);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    console.close();
    services.conductor().close();
    server.stop(0);
  }
}
