package dev.palimpsest.storage.server;

import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/**
 * An S3 server that keeps its objects as files below one directory, a folder for each bucket.
 * Signatures (V4) are checked. What a killed server left half written is removed at the next start.
 */
public final class EmbeddedS3 implements AutoCloseable {
  private static final String LOCK = ".lock";
  private static final int THREADS = 64;
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  private final S3Proxy server;
  private final String host;
  private final FileChannel lock;

  private EmbeddedS3(S3Proxy server, String host, FileChannel lock) {
    this.server = server;
    this.host = host;
    this.lock = lock;
  }

  /**
   * Starts a server and returns when it answers.
   *
   * @param directory made if it is missing; one server at a time
   * @param host the address to listen on, such as {@code 127.0.0.1}
   * @param port 0 for any free one
   * @throws Mistake if the port or the directory is in use
   * @throws Failure if the directory cannot be written to
   */
  public static EmbeddedS3 start(
      Path directory, String host, int port, String accessKey, String secretKey) {
    return start(directory, host, port, accessKey, secretKey, Duration.ZERO);
  }

  /**
   * As the other; a directory that another process uses is waited for.
   *
   * @param patience how long at most
   */
  public static EmbeddedS3 start(
      Path directory,
      String host,
      int port,
      String accessKey,
      String secretKey,
      Duration patience) {
    FileChannel lock = lock(directory, patience);
    try {
      HalfWritten.sweep(directory);
      S3Proxy server =
          S3Proxy.builder()
              .blobStore(new FilesystemNio2BlobStore(directory.toAbsolutePath().toString()))
              .endpoint(URI.create("http://" + host + ":" + port))
              .awsAuthentication(AuthenticationType.AWS_V4, accessKey, secretKey)
              .ignoreUnknownHeaders(true)
              .jettyMaxThreads(THREADS)
              .stopTimeout(0)
              .build();
      start(server, host, port);
      return new EmbeddedS3(server, host, lock);
    } catch (RuntimeException e) {
      release(lock);
      throw e;
    }
  }

  /** Where it answers: {@code http://host:port}. */
  public String endpoint() {
    return "http://" + host + ":" + port();
  }

  public int port() {
    return server.getPort();
  }

  /** Stops at once; requests that are under way are cut off, and nothing of them is visible. */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new Failure("The store at " + endpoint() + " did not stop: " + e.getMessage() + ".", e);
    } finally {
      release(lock);
    }
  }

  private static void start(S3Proxy server, String host, int port) {
    try {
      server.start();
    } catch (Exception e) {
      stopQuietly(server, e);
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof BindException && String.valueOf(cause.getMessage()).contains("use")) {
          throw new Mistake(
              "Port "
                  + port
                  + " is in use; expected it free for the store: stop what listens there or choose"
                  + " another port.",
              e);
        }
      }
      throw new Failure(
          "The store cannot listen on " + host + ":" + port + " (" + e.getMessage() + ").", e);
    }
  }

  private static void stopQuietly(S3Proxy server, Exception why) {
    try {
      server.stop();
    } catch (Exception e) {
      why.addSuppressed(e);
    }
  }

  private static FileChannel lock(Path directory, Duration patience) {
    try {
      Files.createDirectories(directory);
      FileChannel channel =
          FileChannel.open(
              directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locked(channel, patience)) {
        channel.close();
        throw new Mistake(
            "The store's directory "
                + directory
                + " is in use by another server; stop that one or choose another directory.");
      }
      return channel;
    } catch (IOException e) {
      throw new Failure(
          "The store's directory "
              + directory
              + " cannot be written to ("
              + e
              + "); expected a folder of one's own on a disk with room.",
          e);
    }
  }

  private static boolean locked(FileChannel channel, Duration patience) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    try {
      FileLock lock = channel.tryLock();
      while (lock == null && System.nanoTime() - end < 0) {
        Thread.sleep(LOOK_EVERY);
        lock = channel.tryLock();
      }
      return lock != null;
    } catch (OverlappingFileLockException e) {
      // It is a server of this process: waiting for it could be for ever.
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void release(FileChannel lock) {
    try {
      lock.close();
    } catch (IOException e) {
      throw new Failure("The lock of the store's directory cannot be released.", e);
    }
  }
}
