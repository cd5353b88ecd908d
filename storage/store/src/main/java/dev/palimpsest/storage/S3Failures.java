package dev.palimpsest.storage;

import dev.palimpsest.base.Failure;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.InvalidResponseException;
import io.minio.errors.ServerException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Puts what the S3 client reports into one sentence. */
final class S3Failures {
  private static final Set<String> PASSING =
      Set.of(
          "IncompleteBody",
          "OperationAborted",
          "RequestTimeout",
          "ServiceUnavailable",
          "SlowDown",
          "Throttling");
  private static final Set<String> UNKNOWN_TO_THE_STORE =
      Set.of(
          "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "AccessDenied",
          "AuthorizationHeaderMalformed");

  /**
   * What MinIO answers for a moment: access is denied to a folder that another request is just
   * removing, and a small body is called incomplete on a machine under load.
   */
  private static final Set<String> OF_THE_MOMENT = Set.of("AccessDenied", "IncompleteBody");

  private final S3Settings settings;

  S3Failures(S3Settings settings) {
    this.settings = settings;
  }

  /** The S3 error code, such as {@code NoSuchKey}, if the store answered with one. */
  static Optional<String> code(Throwable e) {
    return find(e, ErrorResponseException.class).map(error -> error.errorResponse().code());
  }

  /** Whether the same change, sent again at once, may be taken. */
  static boolean mayBeOfTheMoment(Throwable e) {
    return code(e).filter(OF_THE_MOMENT::contains).isPresent();
  }

  /**
   * @param what the act and the object, such as {@code "writing stages/ab/0"}
   */
  Failure of(String what, Throwable e) {
    if (find(e, CertificateException.class).isPresent()) {
      return new Failure(
          "The store at "
              + settings.endpoint()
              + " shows a certificate that this machine does not trust (when "
              + what
              + "); name the file (PEM) of the authority that signed it in SSL_CERT_FILE.",
          e);
    }
    Optional<ErrorResponseException> answer = find(e, ErrorResponseException.class);
    if (answer.isPresent()) {
      return refused(what, answer.get(), e);
    }
    Optional<Integer> status =
        find(e, ServerException.class)
            .map(ServerException::statusCode)
            .or(() -> find(e, InvalidResponseException.class).map(error -> 0));
    if (status.isPresent()) {
      return Failure.passing(
          "The server at "
              + settings.endpoint()
              + " gave no S3 answer when "
              + what
              + " ("
              + firstLine(e.getMessage())
              + "); expected an S3 server there.",
          e);
    }
    Optional<IOException> io = find(e, IOException.class);
    if (io.isPresent()) {
      return Failure.passing(
          "The store at "
              + settings.endpoint()
              + " cannot be reached: "
              + reason(io.get())
              + " (when "
              + what
              + "); expected an S3 server there.",
          e);
    }
    return new Failure(
        "The store at "
            + settings.endpoint()
            + " failed when "
            + what
            + ": "
            + e.getMessage()
            + ".",
        e);
  }

  private Failure refused(String what, ErrorResponseException answer, Throwable e) {
    String code = answer.errorResponse().code();
    int status = answer.response().code();
    if (UNKNOWN_TO_THE_STORE.contains(code) || status == 403) {
      return new Failure(
          "The store at "
              + settings.endpoint()
              + " does not accept the access key '"
              + settings.accessKey()
              + "' with the secret given, or it may not do this ("
              + code
              + ", when "
              + what
              + "); expected credentials that may read and write the bucket "
              + settings.bucket()
              + ".",
          e);
    }
    String sentence =
        "The store at "
            + settings.endpoint()
            + " refused "
            + what
            + " ("
            + status
            + " "
            + code
            + ": "
            + firstLine(answer.errorResponse().message())
            + ")";
    if (PASSING.contains(code) || status == 503 || status == 429) {
      return Failure.passing(sentence + "; it may take it later.", e);
    }
    return status >= 500
        ? Failure.passing(sentence + "; is its disk full or read-only?", e)
        : new Failure(sentence + ".", e);
  }

  private static String reason(IOException e) {
    return switch (e) {
      case ConnectException refused -> "connection refused";
      case UnknownHostException unknown -> "no such host";
      case SocketTimeoutException slow -> "it did not answer in time";
      case SSLException tls -> "no secure connection (" + firstLine(tls.getMessage()) + ")";
      default -> "the connection broke (" + firstLine(e.getMessage()) + ")";
    };
  }

  private static String firstLine(@Nullable String message) {
    if (message == null) {
      return "no message";
    }
    String line = message.lines().findFirst().orElse("no message").strip();
    return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
  }

  private static <T extends Throwable> Optional<T> find(Throwable e, Class<T> type) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
    }
    return Optional.empty();
  }
}
