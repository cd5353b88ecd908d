package dev.palimpsest.console.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.Served;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody outside may try. */
final class GuardTest {
  private static final String TOKEN = "a token that is long enough";

  @TempDir Path folder;

  @Test
  void everyAnswerForbidsInlineScriptsAndFrames() {
    try (Served served = Served.in(folder)) {
      for (String path : new String[] {"/", "/nowhere", "/login"}) {
        assertThat(served.get(path).headers().firstValue("Content-Security-Policy").orElseThrow())
            .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
            .doesNotContain("unsafe");
      }
    }
  }

  @Test
  void aChangeWithoutThePagesTokenIsRefused() {
    try (Served served = Served.in(folder)) {
      served.get("/");
      HttpRequest forged =
          HttpRequest.newBuilder(served.url("/logout")).POST(BodyPublishers.noBody()).build();
      assertThat(served.send(forged).statusCode()).isEqualTo(403);
      assertThat(served.post("/logout", Map.of()).statusCode()).isNotEqualTo(403);
    }
  }

  @Test
  void withATokenNothingButTheLoginPageIsShown() {
    try (Served served = Served.guarded(folder, TOKEN)) {
      HttpResponse<String> asked = served.get("/runs?state=failed");
      assertThat(asked.statusCode()).isEqualTo(302);
      assertThat(asked.headers().firstValue("Location"))
          .contains("/login?next=%2Fruns%3Fstate%3Dfailed");
      assertThat(served.post("/login", Map.of("token", "wrong")).statusCode()).isEqualTo(401);
      assertThat(served.get("/").statusCode()).isEqualTo(302);
      assertThat(served.post("/login", Map.of("token", TOKEN)).statusCode()).isEqualTo(303);
      assertThat(served.get("/").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void theLoginPageLeadsNowhereElse() {
    try (Served served = Served.guarded(folder, TOKEN)) {
      for (String next : new String[] {"//evil.example", "https://evil.example", "/\\evil"}) {
        HttpResponse<String> entered = served.post("/login", Map.of("token", TOKEN, "next", next));
        assertThat(entered.headers().firstValue("Location")).contains("/");
      }
    }
  }

  @Test
  void aForgedCookieEntersNowhere() {
    try (Served served = Served.guarded(folder, TOKEN)) {
      HttpResponse<String> asked = served.get("/", "Cookie", "palimpsest=AAAA.99999999999.AAAA");
      assertThat(asked.statusCode()).isEqualTo(302);
    }
  }

  /** A name that somebody's own server points at this machine: DNS rebinding. */
  @Test
  void aRequestThatNamesAnotherHostIsRefused() throws Exception {
    try (Served served = Served.in(folder)) {
      assertThat(raw(served, "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
          .startsWith("HTTP/1.1 421");
      assertThat(raw(served, "GET / HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n"))
          .startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void whatIsTooLargeIsRefusedBeforeItIsRead() throws Exception {
    try (Served served = Served.in(folder)) {
      served.get("/");
      HttpRequest large =
          HttpRequest.newBuilder(served.url("/logout"))
              .header("Content-Type", "application/x-www-form-urlencoded")
              .header("X-CSRF-Token", served.csrf())
              .POST(BodyPublishers.ofString("text=" + "x".repeat(9 << 20)))
              .build();
      HttpResponse<String> answer = served.send(large);
      assertThat(answer.statusCode()).isEqualTo(413);
      assertThat(answer.body()).contains("at most 8 MB");
    }
  }

  @Test
  void whatARequestHoldsIsShownAsText() {
    try (Served served = Served.in(folder)) {
      HttpResponse<String> missing = served.get("/%3Cscript%3Ealert(1)%3C/script%3E");
      assertThat(missing.statusCode()).isEqualTo(404);
      assertThat(missing.body()).doesNotContain("<script>alert");
    }
  }

  @Test
  void withoutATokenItListensAtThisMachineAlone() {
    assertThatThrownBy(() -> Access.of("0.0.0.0", Optional.empty()))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("--host is 0.0.0.0")
        .hasMessageContaining("PALIMPSEST_CONSOLE_TOKEN");
    assertThatThrownBy(() -> Access.of("0.0.0.0", Optional.of("short")))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("at least 16");
  }

  @Test
  void theCookieIsForNoScriptAndNoOtherSite() {
    try (Served served = Served.guarded(folder, TOKEN)) {
      assertThat(served.get("/").headers().firstValue("Set-Cookie")).isEmpty();
      HttpResponse<String> entered = served.post("/login", Map.of("token", TOKEN));
      assertThat(entered.headers().firstValue("Set-Cookie").orElseThrow())
          .contains("HttpOnly", "SameSite=Lax");
      // Another tab that still shows the login page enters, too.
      assertThat(served.post("/login", Map.of("token", TOKEN)).statusCode()).isEqualTo(303);
    }
  }

  /** Its parts would be kept on disk, however many, before anybody has shown a token. */
  @Test
  void filesAreNotTaken() {
    try (Served served = Served.guarded(folder, TOKEN)) {
      HttpRequest files =
          HttpRequest.newBuilder(served.url("/login"))
              .header("Content-Type", "multipart/form-data; boundary=b")
              .POST(BodyPublishers.ofString("--b--"))
              .build();
      assertThat(served.send(files).statusCode()).isEqualTo(415);
    }
  }

  /** htmx would put the sentence in the place of the form that asked. */
  @Test
  void anErrorIsShownBesideWhatAskedForAPiece() {
    try (Served served = Served.in(folder)) {
      HttpResponse<String> missing = served.get("/nowhere", "HX-Request", "true");
      assertThat(missing.headers().firstValue("HX-Retarget"))
          .contains("[data-region='" + Live.TROUBLE + "']");
    }
  }

  private static String raw(Served served, String request) throws IOException {
    try (var socket = new Socket("127.0.0.1", served.url("/").getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
