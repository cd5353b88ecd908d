package dev.palimpsest.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.palimpsest.cli.doctor.Finding.Mark;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is found of servers that answer as Conductor does, or as it should not. */
final class ConductorCheckTest {
  private Optional<HttpServer> running = Optional.empty();
  private String token = "";
  private String repair = "true";
  private int status = 200;
  private String definitions = "[]";

  /** Listens on an address as Conductor would. */
  private URI listen(String address) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(address, 0), 0);
    server.createContext("/api/metadata/taskdefs", e -> answer(e, status, definitions));
    server.createContext("/api/version", e -> answer(e, 200, "3.32.3"));
    server.createContext(
        "/api/admin/consistency", e -> answer(e, repair.equals("true") ? 200 : 500, repair));
    server.start();
    running = Optional.of(server);
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private void answer(HttpExchange exchange, int code, String body) throws IOException {
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    boolean known = token.isEmpty() || ("Bearer " + token).equals(given);
    byte[] bytes = (known ? body : "{}").getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(known ? code : 401, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @AfterEach
  void stop() {
    running.ifPresent(server -> server.stop(0));
  }

  private static List<Finding> found(URI url, String with) throws IOException {
    // Another address of this machine, as that of a network card would be.
    InetAddress card = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
    try (var check = new ConductorCheck(url, with, List.of(card))) {
      return check.findings();
    }
  }

  private static Finding only(List<Finding> findings) {
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().mark()).isEqualTo(Mark.PROBLEM);
    assertThat(findings.getFirst().cure()).isPresent();
    return findings.getFirst();
  }

  @Test
  void aServerOfThisMachineAloneIsWell() throws IOException {
    URI url = listen("127.0.0.1");
    List<Finding> findings = found(url, "");
    assertThat(findings).allSatisfy(each -> assertThat(each.mark()).isEqualTo(Mark.OK));
    assertThat(findings.getFirst().said()).isEqualTo(url + ", version 3.32.3");
    assertThat(findings.getLast().said()).isEqualTo("Conductor listens to this machine alone");
  }

  @Test
  void aServerThatOthersReachWithoutATokenIsAProblem() throws IOException {
    URI url = listen("0.0.0.0");
    Finding strangers = found(url, "").getLast();
    assertThat(strangers.mark()).isEqualTo(Mark.PROBLEM);
    assertThat(strangers.said())
        .startsWith("http://127.0.0.2:" + url.getPort() + " answers everyone who can reach it");
    assertThat(strangers.cure()).get().asString().contains("Bind Conductor to 127.0.0.1");
  }

  @Test
  void aServerThatAsksForATokenLetsNoStrangerIn() throws IOException {
    token = "secret";
    URI url = listen("0.0.0.0");
    assertThat(found(url, "secret")).allSatisfy(each -> assertThat(each.mark()).isEqualTo(Mark.OK));
    assertThat(only(found(url, "")).said()).isEqualTo(url + " refuses requests without a token");
    assertThat(only(found(url, "wrong")).said()).isEqualTo(url + " refuses the token");
  }

  @Test
  void aServerElsewhereThatAnswersWithoutATokenIsAProblem() throws IOException {
    URI url = listen("0.0.0.0");
    // A name that is not one of this machine's own, as far as the check can tell.
    URI elsewhere = URI.create("http://0.0.0.0:" + url.getPort());
    assertThat(found(elsewhere, "").getLast().mark()).isEqualTo(Mark.PROBLEM);
  }

  @Test
  void aServerThatDoesNotRepairIsWarnedOf() throws IOException {
    repair = "{\"message\":\"WorkflowRepairService is disabled.\"}";
    Finding finding = found(listen("127.0.0.1"), "").get(1);
    assertThat(finding.mark()).isEqualTo(Mark.WARNING);
    assertThat(finding.cure()).get().asString().contains("workflow-repair-service.enabled=true");
  }

  @Test
  void whatIsNoConductorIsAProblem() throws IOException {
    definitions = "<html>";
    URI url = listen("127.0.0.1");
    assertThat(only(found(url, "")).said()).contains("answers as no Conductor does (HTTP 200)");
    status = 404;
    assertThat(only(found(url, "")).said()).contains("HTTP 404");
    stop();
    assertThat(only(found(url, "")).said()).isEqualTo("nothing answers at " + url);
  }
}
