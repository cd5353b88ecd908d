package dev.palimpsest.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.console.Served;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
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
}
