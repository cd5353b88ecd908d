package dev.palimpsest.console.web;

import dev.palimpsest.base.Mistake;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.SameSite;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Who may enter, and which changes come from a page of this console.
 *
 * <p>Where a token guards the console, its login page gives a visitor a signed cookie, and the
 * token of a change is derived from it. Where none does, the console listens at this machine alone
 * and answers only requests that name it, so that no other site can reach it through a name that it
 * points here; the token of a change, which no other site can read, is the same for everybody.
 */
public final class Access {
  private static final String COOKIE = "palimpsest";
  private static final String ANYBODY = "anybody";
  private static final Duration LONGEST = Duration.ofDays(7);
  private static final Set<String> HERE = Set.of("127.0.0.1", "localhost", "[::1]", "::1");
  private static final int SHORTEST_TOKEN = 16;

  private final Optional<String> token;
  private final Clock clock;
  private final byte[] secret = new byte[32];
  private final SecureRandom random = new SecureRandom();

  private Access(Optional<String> token, Clock clock) {
    this.token = token;
    this.clock = clock;
    random.nextBytes(secret);
  }

  /**
   * Access to a console that listens at {@code host}.
   *
   * @throws Mistake if others could reach it without a token, or the token is easily guessed
   */
  public static Access of(String host, Optional<String> token) {
    if (token.isEmpty() && !HERE.contains(host)) {
      throw new Mistake(
          "--host is "
              + host
              + ", where others can reach the console; expected a token in PALIMPSEST_CONSOLE_TOKEN.");
    }
    if (token.isPresent() && token.get().length() < SHORTEST_TOKEN) {
      throw new Mistake(
          "PALIMPSEST_CONSOLE_TOKEN has "
              + token.get().length()
              + " characters; expected at least "
              + SHORTEST_TOKEN
              + ".");
    }
    return new Access(token, Clock.systemUTC());
  }

  /** Whether a token is needed to enter. */
  boolean guarded() {
    return token.isPresent();
  }

  /** Whether the request names a host that may be this console. */
  boolean addressed(Context context) {
    String host = Optional.ofNullable(context.header("Host")).orElse("");
    return guarded() || HERE.contains(host.replaceAll(":\\d+$", ""));
  }

  /** Whether the visitor may see pages. */
  boolean admits(Context context) {
    return visitor(context).isPresent();
  }

  /** Whether this is the token; one who knows it gets a cookie. */
  boolean login(Context context, String given) {
    boolean right =
        token.isPresent()
            && MessageDigest.isEqual(
                sign("token:" + given).getBytes(StandardCharsets.UTF_8),
                sign("token:" + token.get()).getBytes(StandardCharsets.UTF_8));
    if (right) {
      admit(context);
    }
    return right;
  }

  void logout(Context context) {
    context.removeCookie(cookie(context));
  }

  /** What a change from this visitor's pages must bring along. */
  String csrf(Context context) {
    return visitor(context).map(id -> sign("csrf:" + id)).orElse("");
  }

  /** Whether a change comes from a page that this visitor was given. */
  boolean intended(Context context) {
    String given =
        Optional.ofNullable(context.header("X-CSRF-Token"))
            .or(() -> Optional.ofNullable(context.formParam("csrf")))
            .orElse("");
    String wanted = csrf(context);
    return !wanted.isEmpty()
        && MessageDigest.isEqual(
            given.getBytes(StandardCharsets.UTF_8), wanted.getBytes(StandardCharsets.UTF_8));
  }

  /** Signs a text for as long as this console runs. */
  public String sign(String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A browser sends a cookie to every port of a host. */
  private static String cookie(Context context) {
    return COOKIE + "-" + context.req().getLocalPort();
  }

  private void admit(Context context) {
    byte[] id = new byte[16];
    random.nextBytes(id);
    String visitor =
        Base64.getUrlEncoder().withoutPadding().encodeToString(id)
            + "."
            + clock.instant().plus(LONGEST).getEpochSecond();
    context.attribute(COOKIE, visitor);
    context.cookie(
        new Cookie(
            cookie(context),
            visitor + "." + sign("visitor:" + visitor),
            "/",
            (int) LONGEST.toSeconds(),
            context.scheme().equals("https"),
            true,
            null,
            SameSite.LAX));
  }

  /** The visitor that a signed cookie names, unless it has run out. */
  private Optional<String> visitor(Context context) {
    if (!guarded()) {
      return Optional.of(ANYBODY);
    }
    String admitted = context.attribute(COOKIE);
    if (admitted != null) {
      return Optional.of(admitted);
    }
    String cookie = Optional.ofNullable(context.cookie(cookie(context))).orElse("");
    int end = cookie.lastIndexOf('.');
    if (end < 0) {
      return Optional.empty();
    }
    String visitor = cookie.substring(0, end);
    boolean signed =
        MessageDigest.isEqual(
            cookie.substring(end + 1).getBytes(StandardCharsets.UTF_8),
            sign("visitor:" + visitor).getBytes(StandardCharsets.UTF_8));
    return signed && clock.instant().getEpochSecond() < until(visitor)
        ? Optional.of(visitor)
        : Optional.empty();
  }

  private static long until(String visitor) {
    return Long.parseLong(visitor.substring(visitor.lastIndexOf('.') + 1));
  }
}
