package dev.palimpsest.cli.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.console.Console;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** What a user does in the console, in a real browser on real local services, step by step. */
@EnabledIfEnvironmentVariable(named = Browser.CHROMIUM, matches = ".+")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ConsoleJourneyTest {
  @TempDir static Path home;

  private static LocalSystem system;
  private static Console console;
  private static Browser browser;

  @BeforeAll
  static void open() {
    system = LocalSystem.up(home, 2);
    console =
        Console.start(new Console.Options("127.0.0.1", 0, Optional.empty()), system.forConsole());
    browser = new Browser();
  }

  @AfterAll
  static void close() {
    browser.close();
    console.close();
    system.close();
  }

  private static URI url() {
    return console.url();
  }

  @Test
  @Order(1)
  void theFirstPageOfAnEmptyInstallation() {
    browser.look(url(), "/", "first-use");
    assertThat(browser.complaints()).isEmpty();
  }
}
