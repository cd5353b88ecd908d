package dev.palimpsest.storage;

import dev.palimpsest.base.Failure;
import io.minio.BucketExistsArgs;
import io.minio.Checksum;
import io.minio.GetObjectArgs;
import io.minio.Http;
import io.minio.ListObjectsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.RemoveObjectArgs;
import io.minio.Result;
import io.minio.StatObjectArgs;
import io.minio.StatObjectResponse;
import io.minio.UploadObjectArgs;
import io.minio.errors.MinioException;
import io.minio.messages.Item;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/** One bucket of an S3 store, through the MinIO SDK. Safe for use by many threads. */
public final class S3Store implements Store {
  private static final long PART = 16L << 20;
  private static final long MOST_PARTS = 10_000;

  /** One part is hashed while another is sent. */
  private static final int PARTS_AT_ONCE = 2;

  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration TRANSFER = Duration.ofSeconds(60);

  /** Answers that a busy or restarting server gives; a 500 is what a full disk looks like. */
  private static final Set<Integer> WORTH_ANOTHER_TRY = Set.of(408, 429, 500, 502, 503, 504);

  private static final long FIRST_PAUSE_MS = 100;
  private static final int TRIES = 3;

  /** Pauses before a refused change is sent again, in ms; together a little more than a second. */
  private static final int[] PAUSES_MS = {10, 20, 40, 80, 160, 320, 640};

  private final S3Settings settings;
  private final S3Failures failures;
  private final MinioClient client;
  private final OkHttpClient http;

  private S3Store(S3Settings settings) {
    this.settings = settings;
    this.failures = new S3Failures(settings);
    this.http = http();
    this.client =
        MinioClient.builder()
            .endpoint(settings.endpoint())
            .region(settings.region())
            .credentials(settings.accessKey(), settings.secretKey())
            .httpClient(http)
            .build();
    client.setRetry(WORTH_ANOTHER_TRY, FIRST_PAUSE_MS, TRIES);
  }

  /**
   * Connects to a store and makes its bucket if there is none.
   *
   * @throws Failure if the store cannot be reached (passing) or does not accept the credentials
   */
  public static S3Store connect(S3Settings settings) {
    S3Store store = new S3Store(settings);
    try {
      store.makeBucket();
      return store;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  @Override
  public Optional<Stat> stat(String key) {
    Keys.checked(key);
    StatObjectArgs args = StatObjectArgs.builder().bucket(settings.bucket()).object(key).build();
    return found("looking at " + key, () -> client.statObject(args))
        .map((StatObjectResponse seen) ->
            new Stat(key, seen.size(), seen.etag(), seconds(seen.lastModified())));
  }

  @Override
  public Optional<byte[]> read(String key) {
    Optional<InputStream> opened = open(key, 0);
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    try (InputStream in = opened.get()) {
      byte[] value = in.readNBytes(SMALL + 1);
      if (value.length > SMALL) {
        throw new Failure(
            "The object " + key + " in " + where() + " is too large to be read as a whole.");
      }
      return Optional.of(value);
    } catch (IOException e) {
      throw failures.of("reading " + key, e);
    }
  }

  @Override
  public Optional<byte[]> read(String key, long offset, int length) {
    if (length == 0) {
      return stat(key).map(seen -> new byte[0]);
    }
    Optional<InputStream> opened = get(key, args -> args.offset(offset).length((long) length));
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    try (InputStream in = opened.get()) {
      return Optional.of(in.readNBytes(length));
    } catch (IOException e) {
      throw failures.of("reading " + key, e);
    }
  }

  @Override
  public Optional<InputStream> open(String key, long offset) {
    return get(key, args -> offset > 0 ? args.offset(offset) : args);
  }

  private Optional<InputStream> get(String key, UnaryOperator<GetObjectArgs.Builder> range) {
    Keys.checked(key);
    GetObjectArgs.Builder args =
        range.apply(GetObjectArgs.builder().bucket(settings.bucket()).object(key));
    try {
      return found("reading " + key, () -> client.getObject(args.build()));
    } catch (Failure e) {
      if (S3Failures.code(e).filter("InvalidRange"::equals).isPresent()) {
        return Optional.of(InputStream.nullInputStream());
      }
      throw e;
    }
  }

  @Override
  public void put(String key, byte[] value) {
    PutObjectArgs args = putting(key, value).build();
    change("writing " + key, () -> client.putObject(args));
  }

  @Override
  public boolean putIfAbsent(String key, byte[] value) {
    PutObjectArgs args = putting(key, value).headers(Map.of("If-None-Match", "*")).build();
    try {
      change("writing " + key, () -> client.putObject(args));
      return true;
    } catch (Failure e) {
      if (S3Failures.code(e).filter("PreconditionFailed"::equals).isPresent()) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void upload(String key, Path file) {
    Keys.checked(key);
    long bytes;
    try {
      bytes = Files.size(file);
    } catch (IOException e) {
      throw new Failure(
          "The file " + file.getFileName() + " for " + key + " cannot be read: " + e + ".", e);
    }
    long part = Math.max(PART, bytes / MOST_PARTS + 1);
    change(
        "writing " + key,
        () ->
            client.uploadObject(
                UploadObjectArgs.builder()
                    .bucket(settings.bucket())
                    .object(key)
                    .filename(file.toString(), part)
                    .contentType("application/octet-stream")
                    .checksum(Checksum.Algorithm.CRC32)
                    .parallelUploads(PARTS_AT_ONCE)
                    .build()));
  }

  @Override
  public void delete(String key) {
    Keys.checked(key);
    RemoveObjectArgs args =
        RemoveObjectArgs.builder().bucket(settings.bucket()).object(key).build();
    try {
      change(
          "removing " + key,
          () -> {
            client.removeObject(args);
            return key;
          });
    } catch (Failure e) {
      if (S3Failures.code(e).filter("NoSuchKey"::equals).isEmpty()) {
        throw e;
      }
    }
  }

  @Override
  public List<Stat> list(String prefix) {
    ListObjectsArgs args =
        ListObjectsArgs.builder()
            .bucket(settings.bucket())
            .prefix(Keys.checkedPrefix(prefix))
            .recursive(true)
            .build();
    return call(
        "listing " + prefix,
        () -> {
          List<Stat> listed = new ArrayList<>();
          for (Result<Item> result : client.listObjects(args)) {
            Item item = result.get();
            if (Keys.valid(item.objectName())) {
              String version = item.etag().replace("\"", "");
              listed.add(
                  new Stat(item.objectName(), item.size(), version, seconds(item.lastModified())));
            }
          }
          listed.sort(Comparator.comparing(Stat::key));
          return listed;
        });
  }

  @Override
  public String where() {
    return settings.endpoint() + "/" + settings.bucket();
  }

  @Override
  public void close() {
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }

  /** Looks tell whole seconds, listings more. */
  private static Instant seconds(ZonedDateTime time) {
    return time.toInstant().truncatedTo(ChronoUnit.SECONDS);
  }

  private void makeBucket() {
    String what = "looking for the bucket " + settings.bucket();
    BucketExistsArgs look = BucketExistsArgs.builder().bucket(settings.bucket()).build();
    if (call(what, () -> client.bucketExists(look))) {
      return;
    }
    MakeBucketArgs make = MakeBucketArgs.builder().bucket(settings.bucket()).build();
    try {
      call(
          "making the bucket " + settings.bucket(),
          () -> {
            client.makeBucket(make);
            return true;
          });
    } catch (Failure e) {
      // Another process may have made it since.
      if (!call(what, () -> client.bucketExists(look))) {
        throw e;
      }
    }
  }

  private PutObjectArgs.Builder putting(String key, byte[] value) {
    return PutObjectArgs.builder()
        .bucket(settings.bucket())
        .object(Keys.checked(key))
        .data(value, value.length)
        .contentType("application/octet-stream");
  }

  /** A request to the store. */
  private interface Request<T> {
    T send() throws MinioException;
  }

  private <T> T call(String what, Request<T> request) {
    try {
      return request.send();
    } catch (MinioException | IllegalStateException e) {
      throw failures.of(what, e);
    }
  }

  /** As {@link #call}, for what changes an object; repeated if the store refuses it in passing. */
  private <T> T change(String what, Request<T> request) {
    for (int pause : PAUSES_MS) {
      try {
        return call(what, request);
      } catch (Failure e) {
        if (!S3Failures.mayBeOfTheMoment(e)) {
          throw e;
        }
        try {
          Thread.sleep(pause);
        } catch (InterruptedException stopped) {
          Thread.currentThread().interrupt();
          throw e;
        }
      }
    }
    return call(what, request);
  }

  /** As {@link #call}; empty if there is no such object. */
  private <T> Optional<T> found(String what, Request<? extends T> request) {
    try {
      return Optional.of(call(what, request));
    } catch (Failure e) {
      if (S3Failures.code(e).filter("NoSuchKey"::equals).isPresent()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Daemon threads only, so that an idle connection keeps no process alive. */
  private static OkHttpClient http() {
    ExecutorService threads =
        Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("s3-", 0).factory());
    Dispatcher dispatcher = new Dispatcher(threads);
    dispatcher.setMaxRequestsPerHost(64);
    return Http.newDefaultClient()
        .newBuilder()
        .dispatcher(dispatcher)
        .connectTimeout(CONNECT)
        .readTimeout(TRANSFER)
        .writeTimeout(TRANSFER)
        .build();
  }
}
