package dev.palimpsest.storage;

import dev.palimpsest.base.Mistake;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * Which S3 store is used, and as whom.
 *
 * @param endpoint {@code http://host:port} or {@code https://host}, without a path
 * @param region such as {@code us-east-1}; stores of one's own mostly take any
 * @param bucket made if it is missing
 */
public record S3Settings(
    String endpoint, String region, String bucket, String accessKey, String secretKey) {
  /** Throws {@link Mistake} if the endpoint is none or something is empty. */
  public S3Settings {
    if (!isEndpoint(endpoint)) {
      throw new Mistake(
          "'" + endpoint + "' is no S3 endpoint; expected http://host:port or https://host.");
    }
    endpoint = endpoint.endsWith("/") ? endpoint.substring(0, endpoint.length() - 1) : endpoint;
    if (!bucket.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")) {
      throw new Mistake(
          "'"
              + bucket
              + "' is no bucket name; expected 3 to 63 lower-case letters, digits, dots and"
              + " hyphens.");
    }
    if (region.isBlank() || accessKey.isBlank() || secretKey.isBlank()) {
      throw new Mistake(
          "The settings of the store at "
              + endpoint
              + " are incomplete; expected a region, an access key and a secret key.");
    }
  }

  /** Everything but the secret. */
  @Override
  public String toString() {
    return "S3Settings[" + endpoint + ", " + region + ", " + bucket + ", " + accessKey + "]";
  }

  private static boolean isEndpoint(String text) {
    try {
      URI uri = new URI(text);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      String path = uri.getPath();
      return http
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getQuery() == null
          && (path == null || path.isEmpty() || path.equals("/"));
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
