package dev.palimpsest.cli.system;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import dev.palimpsest.base.Digest;
import dev.palimpsest.console.Console;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.workflows.RunView;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
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
  private static final Path DEFINITION = Path.of("src/test/studies/journey/one-model.json");
  private static final Pattern RUN = Pattern.compile(".*/runs/[0-9a-f-]{36}$");

  /** As long as a small study may take on a busy machine. */
  private static final LocatorAssertions.IsVisibleOptions WHILE =
      new LocatorAssertions.IsVisibleOptions().setTimeout(180_000);

  @TempDir static Path home;

  private static LocalSystem system;
  private static Console console;
  private static Browser browser;

  /** The run of the user's own definition, and those of the shipped one. */
  private static String own = "";

  private static String first = "";
  private static String changed = "";

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

  @AfterEach
  void noPageComplained() {
    assertThat(browser.complaints()).isEmpty();
  }

  private static URI url() {
    return console.url();
  }

  @Test
  @Order(1)
  void anEmptyInstallationStartsItsFirstRunWithTwoClicks() {
    assertThat(browser.look(url(), "/", "first-use")).isEmpty();
    Page page = browser.page(url());
    page.navigate("/");
    button(page, "Run the quickstart").click();
    page.waitForURL(RUN);
    assertThat(state(page, "running")).isVisible();
    assertThat(page.locator("[data-region=graph] .running").first()).isVisible(WHILE);
    cancel(page);
  }

  @Test
  @Order(2)
  void aWrongDefinitionIsShownItsLineAndMendedAndRegistered() throws IOException {
    Page page = browser.page(url());
    page.navigate("/submit");
    String wrong =
        Files.readString(DEFINITION).replace("\"name\": \"evaluate\"", "\"name\": \"evaluat\"");
    int line = (int) wrong.substring(0, wrong.indexOf("\"evaluat\"")).lines().count();
    page.locator("#file")
        .setInputFiles(
            new FilePayload(
                "one-model.json", "application/json", wrong.getBytes(StandardCharsets.UTF_8)));
    Locator finding = page.locator("#checked li.error").first();
    assertThat(finding).containsText("did you mean 'evaluate'?");
    assertThat(finding).hasAttribute("data-line", Integer.toString(line));
    finding.locator(".at").click();
    assertThat(page.locator(".ace_gutter .ace_error").first()).isVisible();
    assertThat(page.getByRole(AriaRole.BUTTON, name("Register"))).isDisabled();
    page.screenshot(new Page.ScreenshotOptions().setPath(Browser.picture("submit-wrong")));

    finding.locator("button.fix").click();
    Locator register = page.getByRole(AriaRole.BUTTON, name("Register"));
    assertThat(register).isEnabled();
    assertThat(page.locator("#drawn .flow-narrow")).containsText("evaluate");
    page.screenshot(new Page.ScreenshotOptions().setPath(Browser.picture("submit-right")));
    register.click();
    page.getByRole(AriaRole.LINK, linked("Run it")).first().click();
    page.waitForURL(Pattern.compile(".*/studies/own/one-model.*"));
  }

  @Test
  @Order(3)
  void itRunsAndItsPageMovesWithoutBeingDrawnAnew() {
    Page page = browser.page(url());
    page.navigate("/studies/own/one-model");
    page.getByLabel("data", new Page.GetByLabelOptions().setExact(true))
        .selectOption(new com.microsoft.playwright.options.SelectOption().setIndex(1));
    assertThat(page.locator("#plan")).isVisible();
    button(page, "Run").click();
    page.waitForURL(RUN);
    own = page.url().replaceAll(".*/", "");
    page.navigate("/runs/" + own + "?task=train");
    assertThat(page.locator("[data-region=progress] progress")).isVisible(WHILE);
    // A node of the graph that the browser has now is the one that it has at the end.
    page.evaluate("document.querySelector('[data-region=graph] svg a').seen = true");
    Locator chart = page.locator("[data-region=panel] .charts svg:visible").first();
    assertThat(chart).isVisible(WHILE);
    page.screenshot(
        new Page.ScreenshotOptions().setFullPage(true).setPath(Browser.picture("run-live")));
    cancel(page);
    button(page, "Go on").click();
    page.waitForURL(Pattern.compile(".*/runs/" + own + ".*"));
    page.evaluate("document.querySelector('[data-region=graph] svg a').seen = true");
    assertThat(state(page, "completed")).isVisible(WHILE);
    assertThat(page.evaluate("document.querySelector('[data-region=graph] svg a').seen"))
        .isEqualTo(true);
    assertThat(system.view(own).stages())
        .extracting(RunView.StageView::state)
        .containsOnly(RunView.StageState.DONE);
  }

  @Test
  @Order(4)
  void itsPagesAreReadableByEverybody() {
    first = system.start(LocalSystem.QUICKSTART, LocalSystem.SMALL);
    system.digests(first);
    changed =
        system.start(
            LocalSystem.QUICKSTART, LocalSystem.with(LocalSystem.SMALL, "defences.ft.lr=0.02"));
    system.digests(changed);
    Map<String, Reference> made = outputs(first);
    var pages = new LinkedHashMap<String, String>();
    pages.put("home", "/");
    pages.put("studies", "/studies");
    pages.put("study-continual", "/studies/shipped/continual");
    pages.put("study-again", "/studies/run/" + first);
    pages.put("submit", "/submit?from=shipped/sbl");
    pages.put("versions", "/submit/own/one-model");
    pages.put("runs", "/runs");
    pages.put("run", "/runs/" + first);
    pages.put("run-stage", "/runs/" + first + "?task=task1");
    pages.put("artifacts", "/artifacts");
    pages.put("artifact-dataset", artifact(made, "prepare/mixed"));
    pages.put("artifact-poison-plan", artifact(made, "poison/plan"));
    pages.put("artifact-checkpoint", artifact(made, "task2/checkpoint"));
    pages.put("artifact-metrics", artifact(made, "joint/metrics"));
    pages.put("artifact-table", artifact(made, "summarise/table"));
    pages.put("compare", "/compare?run=" + first + "&run=" + changed);
    pages.put("compare-choose", "/compare");
    pages.put("workers", "/workers");
    pages.put("housekeeping", "/housekeeping");
    pages.put("notes", "/runs/" + first + "/notes");
    pages.put("not-found", "/nowhere");
    var faults = new ArrayList<String>();
    pages.forEach((name, path) -> faults.addAll(browser.look(url(), path, name)));
    assertThat(faults).isEmpty();
  }

  @Test
  @Order(5)
  void aCheckpointWithABackdoorIsTakenKnowinglyAndIsTheOneThatTheDigestNames() throws IOException {
    Page page = browser.page(url());
    Reference checkpoint = Objects.requireNonNull(outputs(first).get("task2/checkpoint"));
    page.navigate("/artifacts/" + checkpoint.sha256().hex());
    assertThat(page.getByText("This may hold a backdoor")).isVisible();
    page.getByLabel(Pattern.compile("I know that it may hold a backdoor")).check();
    Download download = page.waitForDownload(() -> button(page, "Download none the less").click());
    assertThat(Digest.of(Files.readAllBytes(download.path()))).isEqualTo(checkpoint.sha256());
    page.navigate("/artifacts/" + checkpoint.sha256().hex());
    assertThat(page.getByText("Taken once")).isVisible();
  }

  @Test
  @Order(6)
  void twoRunsAreChosenAndCompared() {
    Page page = browser.page(url());
    page.navigate("/compare");
    page.locator("input[value='" + first + "']").check();
    page.locator("input[value='" + changed + "']").check();
    button(page, "Compare").click();
    assertThat(page.getByText("2 runs compared")).isVisible();
    assertThat(page.getByText("defences.ft.lr").first()).isVisible();
    assertThat(page.locator("main")).containsText("0.02");
  }

  /** Tab and Enter alone: from the first page to a run that was started again. */
  @Test
  @Order(7)
  void theKeyboardIsEnough() {
    Page page = browser.page(url());
    page.navigate("/runs");
    page.keyboard().press("Tab");
    assertThat(page.getByText("Skip to the content")).isFocused();
    tabTo(page, "/runs/" + own);
    page.keyboard().press("Enter");
    page.waitForURL(RUN);
    tabToButton(page, "Start again");
    page.keyboard().press("Enter");
    page.waitForURL(address -> RUN.matcher(address).matches() && !address.contains(own));
    assertThat(state(page, "completed")).isVisible(WHILE);
    assertThat(page.locator("[data-region=graph]")).containsText("cache");
  }

  @Test
  @Order(8)
  void aConductorThatIsGoneIsToldOfAndThePageGoesOnWhenItIsBack() {
    Page page = browser.page(url());
    page.navigate("/runs/" + own);
    assertThat(state(page, "completed")).isVisible();
    long conductor = system.services().conductorPid();
    assertThat(ProcessHandle.of(conductor).orElseThrow().destroyForcibly()).isTrue();
    Page workers = browser.page(url());
    workers.navigate("/workers");
    assertThat(workers.getByText("cannot be reached").first()).isVisible();
    assertThat(workers.getByText("cannot be reached")).hasCount(0, patiently());
    page.navigate("/runs/" + own);
    assertThat(state(page, "completed")).isVisible();
  }

  private static LocatorAssertions.HasCountOptions patiently() {
    return new LocatorAssertions.HasCountOptions().setTimeout(90_000);
  }

  private static Map<String, Reference> outputs(String run) {
    var outputs = new TreeMap<String, Reference>();
    for (RunView.StageView stage : system.view(run).stages()) {
      stage.outputs().forEach((name, made) -> outputs.put(stage.task() + "/" + name, made));
    }
    return outputs;
  }

  private static String artifact(Map<String, Reference> made, String output) {
    return "/artifacts/" + Objects.requireNonNull(made.get(output)).sha256().hex();
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true))
        .first();
  }

  private static Page.GetByRoleOptions name(String start) {
    return new Page.GetByRoleOptions().setName(Pattern.compile("^" + start));
  }

  private static Page.GetByRoleOptions linked(String text) {
    return new Page.GetByRoleOptions().setName(text).setExact(true);
  }

  private static Locator state(Page page, String state) {
    return page.locator(".head .state." + state);
  }

  private static void cancel(Page page) {
    page.locator("summary", new Page.LocatorOptions().setHasText("Cancel")).click();
    button(page, "Cancel this run").click();
    assertThat(state(page, "cancelled")).isVisible(WHILE);
  }

  private static void tabTo(Page page, String href) {
    tab(page, "document.activeElement?.getAttribute('href') === '" + href + "'");
  }

  private static void tabToButton(Page page, String name) {
    tab(page, "document.activeElement?.textContent?.trim() === '" + name + "'");
  }

  private static void tab(Page page, String there) {
    for (int i = 0; i < 200; i++) {
      if (Boolean.TRUE.equals(page.evaluate(there))) {
        return;
      }
      page.keyboard().press("Tab");
    }
    throw new AssertionError("200 presses of Tab do not lead to where " + there);
  }
}
