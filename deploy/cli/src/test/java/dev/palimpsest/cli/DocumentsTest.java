package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.tasks.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the papers for people name is there. */
final class DocumentsTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  /** A link or picture; external ones are not looked at. */
  private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)\\s]+)\\)");

  private static final Pattern CODE = Pattern.compile("`([^`\\n]+)`");

  /** Code that a reader would take for a path of this repository: no placeholder, no key. */
  private static final Pattern PATH =
      Pattern.compile(
          "(?:\\./)?(?:\\.ci|bench|console|deploy|docs|examples|models|storage|tasks|workflows)(?:/[\\w.-]+)*/?");

  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

  static Stream<Path> documents() throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path folder : List.of(ROOT, ROOT.resolve("docs"))) {
      try (Stream<Path> files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(".md")).forEach(found::add);
      }
    }
    return found.stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyPathThatAPaperNamesExists(Path document) throws IOException {
    assertThat(missing(document, Files.readString(document)))
        .as("paths that %s names and that do not exist", ROOT.relativize(document))
        .isEmpty();
  }

  @Test
  void thePapersAreTheOnesThatReadersExpect() throws IOException {
    assertThat(documents().map(file -> ROOT.relativize(file).toString()))
        .contains(
            "ARCHITECTURE.md",
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "README.md",
            "docs/cluster.md",
            "docs/reference.md");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[a](docs/none.md)",
        "[a](#no-such-heading)",
        "`tasks/none`",
        "`models/methods/src/None.java`",
        "`./deploy/none`"
      })
  void whatIsMissingIsFound(String text) throws IOException {
    assertThat(missing(ROOT.resolve("README.md"), "# A heading\n" + text)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[a](docs/reference.md)",
        "[a](#a-heading)",
        "`tasks/api`",
        "`runs/<run>/`",
        "[a](https://example.org/none)"
      })
  void whatIsThereOrNoPathIsPassedOver(String text) throws IOException {
    assertThat(missing(ROOT.resolve("README.md"), "# A heading\n" + text)).isEmpty();
  }

  @Test
  void theReferencePageIsThatOfTheCatalogue() throws IOException {
    assertThat(Files.readString(ROOT.resolve("docs/reference.md")))
        .as("docs/reference.md; './palimpsest reference >docs/reference.md' makes it anew")
        .isEqualTo(new ReferencePage(Catalogue.load()).markdown());
  }

  private static List<String> missing(Path document, String text) throws IOException {
    List<String> missing = new ArrayList<>();
    for (String target : all(LINK, text)) {
      String[] parts = target.split("#", 2);
      Path file = document.resolveSibling(parts[0]);
      if (!Files.exists(file)) {
        missing.add(target);
      } else if (parts.length == 2) {
        String there = parts[0].isEmpty() ? text : Files.readString(file);
        if (all(HEADING, there).stream().map(DocumentsTest::anchor).noneMatch(parts[1]::equals)) {
          missing.add(target);
        }
      }
    }
    for (String code : all(CODE, text)) {
      if (PATH.matcher(code).matches() && !Files.exists(ROOT.resolve(code))) {
        missing.add(code);
      }
    }
    return missing;
  }

  private static List<String> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().map((MatchResult found) -> found.group(1)).toList();
  }

  /** The anchor that web views give a heading. */
  private static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\w -]", "").replace(' ', '-');
  }
}
