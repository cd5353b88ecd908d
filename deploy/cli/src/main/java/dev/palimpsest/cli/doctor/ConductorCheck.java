package dev.palimpsest.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Whether a Conductor server answers, repairs what it loses, and lets nobody else in. */
public final class ConductorCheck implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String DEFINITIONS = "/api/metadata/taskdefs";

  private final URI url;
  private final String token;
  private final List<InetAddress> addresses;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(PATIENCE).version(HttpClient.Version.HTTP_1_1).build();

  ConductorCheck(URI url, String token, List<InetAddress> addresses) {
    this.url = url;
    this.token = token;
    this.addresses = addresses;
  }

  /**
   * Looks at a server.
   *
   * @param url {@code http://host:port}, without {@code /api}
   * @param token sent as a bearer token; empty for none
   */
  public static List<Finding> of(URI url, String token) {
    try (var check = new ConductorCheck(url, token, outward())) {
      return check.findings();
    }
  }

  List<Finding> findings() {
    Optional<HttpResponse<byte[]>> answer = get(url, DEFINITIONS, token);
    if (answer.isEmpty()) {
      return List.of(
          Finding.problem(
              "Conductor",
              "nothing answers at " + url,
              "Start the server there, correct --conductor, or open the way between the machines."));
    }
    int status = answer.get().statusCode();
    if (status == 401 || status == 403) {
      return List.of(
          Finding.problem(
              "Conductor",
              url + " refuses " + (token.isEmpty() ? "requests without a token" : "the token"),
              "Put a valid token into PALIMPSEST_CONDUCTOR_TOKEN."));
    }
    if (status != 200 || !json(answer.get()).isArray()) {
      return List.of(
          Finding.problem(
              "Conductor",
              url + " answers as no Conductor does (HTTP " + status + ")",
              "Correct --conductor: expected the server's address without /api."));
    }
    var findings = new ArrayList<Finding>();
    findings.add(Finding.ok("Conductor", url + ", " + version()));
    findings.add(repair());
    findings.add(strangers());
    return findings;
  }

  private String version() {
    return get(url, "/api/version", token)
        .filter(answer -> answer.statusCode() == 200)
        .map(answer -> new String(answer.body(), StandardCharsets.UTF_8).strip())
        .filter(version -> version.matches("[0-9A-Za-z.+-]{1,40}"))
        .map(version -> "version " + version)
        .orElse("which does not tell its version");
  }

  /** Asked to repair a run that there is not, a server without the service says so. */
  private Finding repair() {
    String path = "/api/admin/consistency/verifyAndRepair/palimpsest-doctor";
    Optional<HttpResponse<byte[]>> answer =
        send(request(url, path, token).POST(HttpRequest.BodyPublishers.noBody()).build());
    String body = answer.map(a -> new String(a.body(), StandardCharsets.UTF_8)).orElse("");
    return body.contains("disabled")
        ? Finding.warning(
            "Repair",
            "Conductor does not repair runs whose queue entry is lost",
            "Start Conductor with conductor.workflow-repair-service.enabled=true.")
        : Finding.ok("Repair", "Conductor repairs runs whose queue entry is lost");
  }

  /** Whether someone without a token, elsewhere, could do what this command does. */
  private Finding strangers() {
    List<URI> ways = isHere() ? addresses.stream().map(this::at).toList() : List.of(url);
    for (URI way : ways) {
      boolean open =
          get(way, DEFINITIONS, "").filter(answer -> answer.statusCode() == 200).isPresent();
      if (open) {
        return Finding.problem(
            "Strangers",
            way + " answers everyone who can reach it: they may read, start and cancel runs",
            "Bind Conductor to 127.0.0.1 (server.address), or put a proxy in front that asks for a"
                + " token.");
      }
    }
    return Finding.ok(
        "Strangers",
        isHere() ? "Conductor listens to this machine alone" : "Conductor asks for a token");
  }

  private boolean isHere() {
    String host = url.getHost();
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }

  private URI at(InetAddress address) {
    String host = address.getHostAddress().replaceFirst("%.*", "");
    int port = url.getPort() < 0 ? (url.getScheme().equals("https") ? 443 : 80) : url.getPort();
    return URI.create(
        url.getScheme() + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
  }

  /** The addresses by which other machines may reach this one. */
  private static List<InetAddress> outward() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(each -> Collections.list(each.getInetAddresses()).stream())
          .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
          .toList();
    } catch (SocketException e) {
      return List.of();
    }
  }

  private Optional<HttpResponse<byte[]>> get(URI server, String path, String with) {
    return send(request(server, path, with).GET().build());
  }

  private static HttpRequest.Builder request(URI server, String path, String with) {
    String base = server.toString().replaceAll("/+$", "");
    var request = HttpRequest.newBuilder(URI.create(base + path)).timeout(PATIENCE);
    return with.isEmpty() ? request : request.header("Authorization", "Bearer " + with);
  }

  private Optional<HttpResponse<byte[]>> send(HttpRequest request) {
    try {
      return Optional.of(client.send(request, BodyHandlers.ofByteArray()));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static JsonNode json(HttpResponse<byte[]> answer) {
    try {
      return Json.parse("the answer", answer.body());
    } catch (Mistake e) {
      return Json.object();
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
