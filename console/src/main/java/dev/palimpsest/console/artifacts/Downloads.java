package dev.palimpsest.console.artifacts;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.web.Request;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import io.javalin.http.ForbiddenResponse;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands artifacts out: a page's form asks for a link, which is signed for a short time, and the
 * link streams the bytes. Neither the store's address nor a key of it leaves the console.
 */
final class Downloads {
  private static final Logger LOG = LoggerFactory.getLogger(Downloads.class);
  private static final Duration VALID = Duration.ofMinutes(5);
  private static final long CHECKED_BEFORE = 1 << 20;
  private static final String OVER =
      "This link is not valid or has run out; ask for the download on the artifact's page again.";

  private final Artifacts artifacts;
  private final Taken taken;
  private final Clock clock;

  Downloads(Artifacts artifacts, Taken taken, Clock clock) {
    this.artifacts = artifacts;
    this.taken = taken;
    this.clock = clock;
  }

  /**
   * Where the artifact may be taken from now on.
   *
   * @param run that the page was shown for; empty where none was
   * @throws Mistake if it is tainted and that was not accepted
   */
  String link(Reference reference, Optional<Known.Made> made, String run, Request request) {
    if (reference.tainted() && !request.form("accept").equals(Optional.of("backdoor"))) {
      throw new Mistake(
          "The "
              + reference.artifact()
              + " "
              + reference.sha256().brief()
              + " stems from poisoned data ("
              + String.join("; ", reference.taint())
              + ") and may hold a backdoor; expected the box to be ticked that says so.");
    }
    String name = name(reference, made);
    long until = clock.instant().plus(VALID).getEpochSecond();
    String tail = run.isEmpty() ? "" : "&run=" + run;
    return path(reference.sha256(), name)
        + "?until="
        + until
        + "&signature="
        + request.sign(signed(reference.sha256(), name, run, until))
        + tail;
  }

  /** The digest of a link that is valid now. */
  Digest admitted(Request request) {
    var digest = new Digest(request.path("digest"));
    long until = number(request.query("until").orElse(""));
    String expected =
        request.sign(signed(digest, request.path("name"), request.query("run").orElse(""), until));
    byte[] given = request.query("signature").orElse("").getBytes(StandardCharsets.UTF_8);
    boolean valid = MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), given);
    if (!valid || clock.instant().getEpochSecond() >= until) {
      throw new ForbiddenResponse(OVER);
    }
    return digest;
  }

  /** Streams it; a stream whose bytes are not those of the digest breaks off before its end. */
  void hand(Reference reference, Request request) {
    Instant now = clock.instant();
    if (!artifacts.present(reference)) {
      throw new Mistake(
          "The bytes of "
              + reference.sha256().brief()
              + " are no longer in the store; running its study again makes them.");
    }
    String run = request.query("run").orElse("");
    if (reference.tainted()) {
      taken.write(
          new Taken.Entry(
              reference.sha256(),
              reference.artifact(),
              reference.taint(),
              run,
              request.context().ip(),
              now.toString()));
    }
    LOG.info(
        "{} took {} {}{}",
        request.context().ip(),
        reference.artifact(),
        reference.sha256(),
        reference.tainted() ? " (" + String.join("; ", reference.taint()) + ")" : "");
    InputStream bytes = bytes(reference);
    // The length is that of the bytes as they are.
    request
        .context()
        .disableCompression()
        .header("Content-Disposition", "attachment; filename=\"" + request.path("name") + "\"")
        .header("Content-Security-Policy", "default-src 'none'; sandbox")
        .header("Content-Length", Long.toString(reference.bytes()))
        .contentType(contentType(reference.artifact()))
        .result(bytes);
  }

  /** What is small is checked against its digest before any of it is handed out. */
  private InputStream bytes(Reference reference) {
    return reference.bytes() > CHECKED_BEFORE
        ? artifacts.open(reference)
        : new ByteArrayInputStream(artifacts.read(reference));
  }

  /** Of letters, digits, dots and hyphens alone. */
  static String name(Reference reference, Optional<Known.Made> made) {
    String what =
        made.map(by ->
                by.by().title()
                    + "-"
                    + by.by().brief()
                    + "-"
                    + by.task()
                    + (by.output().equals(by.task()) ? "" : "-" + by.output()))
            .orElse(reference.artifact() + "-" + reference.sha256().brief());
    String plain = what.replaceAll("[^A-Za-z0-9_-]+", "-");
    return plain.substring(0, Math.min(120, plain.length())) + ending(reference.artifact());
  }

  private static String ending(String type) {
    return switch (ArtifactType.of(type)) {
      case DATASET, POISON_PLAN, CHECKPOINT, MEMORY -> ".safetensors";
      case METRICS -> ".jsonl";
      case RESULT, TABLE -> ".json";
      case FIGURE -> ".svg";
    };
  }

  private static String contentType(String type) {
    return switch (ArtifactType.of(type)) {
      case DATASET, POISON_PLAN, CHECKPOINT, MEMORY -> "application/octet-stream";
      case METRICS -> "application/x-ndjson";
      case RESULT, TABLE -> "application/json";
      case FIGURE -> "image/svg+xml";
    };
  }

  private static String path(Digest digest, String name) {
    return "/artifacts/" + digest.hex() + "/file/" + name;
  }

  private static String signed(Digest digest, String name, String run, long until) {
    return "download:" + digest.hex() + "/" + name + "/" + run + "/" + until;
  }

  private static long number(String text) {
    return text.matches("[0-9]{1,12}") ? Long.parseLong(text) : 0;
  }
}
