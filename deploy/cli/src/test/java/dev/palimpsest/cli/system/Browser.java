package dev.palimpsest.cli.system;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A real browser before the console; what a page complains of fails the test. */
final class Browser implements AutoCloseable {
  /** Names Chromium's executable. */
  static final String CHROMIUM = "PALIMPSEST_CHROMIUM";

  private static final Path PICTURES = Path.of("target/screenshots");
  private static final int HEIGHT = 900;
  private static final double PATIENCE = 30_000;

  /** How wide a page is looked at: a laptop and a phone. */
  static final List<Integer> WIDTHS = List.of(1280, 390);

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser chromium;
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  Browser() {
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE);
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    chromium =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Path.of(System.getenv(CHROMIUM)))
                    .setArgs(List.of("--no-sandbox", "--disable-gpu")));
  }

  /** A page of this width; links are opened relative to the console. */
  Page page(URI console, int width, ColorScheme scheme) {
    BrowserContext context =
        chromium.newContext(
            new com.microsoft.playwright.Browser.NewContextOptions()
                .setBaseURL(console.toString())
                .setViewportSize(width, HEIGHT)
                .setColorScheme(scheme)
                .setAcceptDownloads(true));
    context.setDefaultTimeout(PATIENCE);
    Page page = context.newPage();
    page.onConsoleMessage(message -> {
      // Chromium tells of every answer that is an error, too; those are asserted where they are
      // due.
      if (message.type().equals("error") && !message.text().startsWith("Failed to load resource")) {
        complaints.add(page.url() + ": " + message.text());
      }
    });
    page.onPageError(error -> complaints.add(page.url() + ": " + error));
    return page;
  }

  Page page(URI console) {
    return page(console, WIDTHS.getFirst(), ColorScheme.LIGHT);
  }

  /** Where a picture of this name is kept. */
  static Path picture(String name) {
    return PICTURES.resolve(name + ".png");
  }

  /** What pages complained of so far: scripts that failed, policies that were broken. */
  List<String> complaints() {
    return complaints;
  }

  /** What is wrong with a page of the console, at both widths and in both colour schemes. */
  List<String> look(URI console, String path, String name) {
    var faults = new ArrayList<String>();
    for (int width : WIDTHS) {
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        Page page = page(console, width, scheme);
        page.navigate(path);
        page.screenshot(
            new Page.ScreenshotOptions()
                .setFullPage(true)
                .setPath(
                    PICTURES.resolve(
                        "%s-%d-%s.png"
                            .formatted(name, width, scheme.name().toLowerCase(Locale.ROOT)))));
        faults(page)
            .forEach(
                fault -> faults.add("%s at %d in %s: %s".formatted(path, width, scheme, fault)));
        page.context().close();
      }
    }
    return faults;
  }

  /** What a reader with other senses or a narrow screen would stumble over. */
  private static List<String> faults(Page page) {
    var faults = new ArrayList<String>();
    for (Rule rule : new AxeBuilder(page).analyze().getViolations()) {
      rule.getNodes()
          .forEach(
              node -> faults.add(rule.getId() + ": " + rule.getHelp() + ": " + node.getHtml()));
    }
    Object overflow =
        page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth");
    if (((Number) overflow).intValue() > 0) {
      faults.add("the page is " + overflow + " pixels wider than the screen");
    }
    return faults;
  }

  @Override
  public void close() {
    playwright.close();
  }
}
