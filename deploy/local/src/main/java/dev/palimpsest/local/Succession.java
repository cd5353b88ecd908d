package dev.palimpsest.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Runs Conductor's server on a SQLite file on which another one may have been killed.
 *
 * <p>The server takes a message out of a queue by marking it as popped and moves its next delivery,
 * for a join that it evaluates by an hour. Killed in between, it leaves the mark; a mark counts for
 * a minute or two beyond the delivery, and what is marked is taken for queued, so that no repair
 * queues it again. As one server at a time uses the file, every mark that is there when it starts
 * is a dead server's.
 *
 * <p>Runs on the server's class path, which has the driver.
 */
public final class Succession {
  /** The system property that names the SQLite file. */
  static final String DATABASE = "palimpsest.conductor.database";

  /** A worker asks by itself for what was handed to it and did not arrive. */
  private static final String HANDED_OUT =
      """
      DELETE FROM queue_message WHERE popped AND EXISTS (
        SELECT 1 FROM task WHERE task_id = message_id
          AND json_extract(json_data, '$.status') = 'IN_PROGRESS'
          AND json_extract(json_data, '$.workerId') IS NOT NULL)\
      """;

  /** The decider's messages are those that make the server look at a running workflow. */
  private static final String LEFT =
      """
      UPDATE queue_message SET popped = FALSE, deliver_on = strftime('%Y-%m-%d %H:%M:%f', 'now')
        WHERE popped OR queue_name = '_deciderQueue'\
      """;

  /** A channel that nobody refers to is closed, and its lock goes with it. */
  static @Nullable FileChannel held;

  private Succession() {}

  /**
   * Waits until no other server uses the file, frees what a killed one held, and runs {@code
   * args[0]}'s main method with the remaining arguments.
   */
  public static void main(String[] args) throws Throwable {
    Path database = Path.of(System.getProperty(DATABASE));
    lock(database.resolveSibling("lock"));
    if (Files.exists(database)) {
      free(database);
    }
    Guard.run(args);
  }

  /** The system lets go of the lock when this process ends, however it does. */
  private static void lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    held = channel;
    if (channel.tryLock() == null) {
      System.out.println("Waiting for the former server to end");
      channel.lock();
    }
  }

  static void free(Path database) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + database + "?busy_timeout=15000");
        Statement statement = connection.createStatement()) {
      // A server that was killed at its first start may have left an empty file.
      try (ResultSet table =
          statement.executeQuery("SELECT 1 FROM sqlite_master WHERE name = 'queue_message'")) {
        if (!table.next()) {
          return;
        }
      }
      connection.setAutoCommit(false);
      int handedOut = statement.executeUpdate(HANDED_OUT);
      int left = statement.executeUpdate(LEFT);
      connection.commit();
      System.out.println(
          "Freed "
              + left
              + " messages; dropped "
              + handedOut
              + " of tasks that workers were given");
    }
  }
}
