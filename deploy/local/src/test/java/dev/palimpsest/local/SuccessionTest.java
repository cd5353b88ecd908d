package dev.palimpsest.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the two tables of Conductor 3.32 that it reads. */
class SuccessionTest {
  @TempDir Path folder;
  private Path database;

  @BeforeEach
  void name() {
    database = folder.resolve("conductor.db");
  }

  @Test
  void whatADeadServerHeldIsDueNowAndWhatWaitsForItsTimeIsNot() throws SQLException {
    tables();
    message("JOIN", "evaluated", true, "+1 hour");
    message("train", "popped", true, "-1 second");
    message("train", "put off", false, "+15 seconds");
    message("_deciderQueue", "workflow", false, "+181 seconds");
    task("popped", "SCHEDULED", "null");

    Succession.free(database);

    assertThat(due())
        .isEqualTo(Map.of("evaluated", true, "popped", true, "put off", false, "workflow", true));
  }

  @Test
  void whatWasHandedToAWorkerIsNotHandedToAnother() throws SQLException {
    tables();
    message("train", "handed out", true, "-1 second");
    message("train", "given back", false, "+2 seconds");
    task("handed out", "IN_PROGRESS", "\"local-1\"");
    task("given back", "IN_PROGRESS", "\"local-2\"");

    Succession.free(database);

    assertThat(due()).isEqualTo(Map.of("given back", false));
  }

  @Test
  void aDatabaseWithoutTablesIsLeftToTheServer() throws SQLException {
    execute("VACUUM");
    Succession.free(database);
    try (Connection connection = connect();
        ResultSet tables = connection.getMetaData().getTables(null, null, "queue_message", null)) {
      assertThat(tables.next()).isFalse();
    }
  }

  @Test
  void aServerBeginsWhenTheFormerOneHasEnded() throws Exception {
    try (FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      FileLock former = channel.lock();
      Process server =
          new ProcessBuilder(
                  JavaCommand.java().toString(),
                  "-D" + Succession.DATABASE + "=" + database,
                  "-cp",
                  System.getProperty("java.class.path"),
                  Succession.class.getName(),
                  Children.Collector.class.getName())
              .start();
      try (BufferedReader words = server.inputReader()) {
        assertThat(words.readLine()).isEqualTo("Waiting for the former server to end");
        assertThat(words.ready()).isFalse();
        former.release();
        assertThat(words.readLine()).isEqualTo("collected");
        assertThat(channel.tryLock()).as("the lock while the server runs").isNull();
      } finally {
        server.destroyForcibly();
      }
    }
  }

  private void tables() throws SQLException {
    execute("CREATE TABLE task (task_id TEXT, json_data TEXT)");
    execute(
        "CREATE TABLE queue_message"
            + " (queue_name TEXT, message_id TEXT, popped INTEGER, deliver_on DATETIME)");
  }

  private void message(String queue, String id, boolean popped, String delivery)
      throws SQLException {
    execute(
        "INSERT INTO queue_message VALUES ('%s', '%s', %s, strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '%s'))"
            .formatted(queue, id, popped, delivery));
  }

  private void task(String id, String status, String worker) throws SQLException {
    execute(
        "INSERT INTO task VALUES ('%s', '{\"status\": \"%s\", \"workerId\": %s}')"
            .formatted(id, status, worker));
  }

  /** Every message by its id: whether the server would hand it out now. */
  private Map<String, Boolean> due() throws SQLException {
    var due = new TreeMap<String, Boolean>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT message_id, popped = FALSE"
                    + " AND deliver_on <= strftime('%Y-%m-%d %H:%M:%f', 'now') FROM queue_message")) {
      while (rows.next()) {
        due.put(rows.getString(1), rows.getBoolean(2));
      }
    }
    return due;
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + database);
  }
}
