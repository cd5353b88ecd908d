package dev.palimpsest.stages.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Lane;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CodeDigestTest {
  @TempDir Path folder;

  @Test
  void aCommentAndOtherLinesChangeNothing() throws Exception {
    assertThat(digest("class Sam { int rho() { return 5; } }"))
        .isEqualTo(
            digest(
                "/** Sharpness. */\n\nclass Sam {\n  int rho() {\n    return 5; // percent\n  }\n}"));
  }

  @Test
  void anEditedBodyChangesTheDigest() throws Exception {
    assertThat(digest("class Sam { int rho() { return 5; } }"))
        .isNotEqualTo(digest("class Sam { int rho() { return 6; } }"));
  }

  @Test
  void theCatalogueOfTheBuildHoldsEveryStageWithItsLaneAndCode() {
    Catalogue catalogue = Catalogue.load();
    assertThat(catalogue.stages())
        .extracting(Catalogue.StageEntry::name)
        .containsExactly(
            "continual",
            "defend",
            "evaluate",
            "fisher",
            "poison",
            "prepare-data",
            "summarise",
            "train");
    assertThat(catalogue.stage("train").lane()).isEqualTo(Lane.GPU);
    assertThat(catalogue.stage("train").code()).isEqualTo(catalogue.stage("summarise").code());
    assertThat(catalogue.methods())
        .allSatisfy(method -> assertThat(method.citation().bibtex()).startsWith("@"));
  }

  private Digest digest(String source) throws Exception {
    Path place = Files.createTempDirectory(folder, "classes");
    Path file = place.resolve("Sam.java");
    Files.writeString(file, source);
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-g", "-d", place.toString(), file.toString());
    assertThat(result).isZero();
    return Digest.of(CodeDigest.normalised(Files.readAllBytes(place.resolve("Sam.class"))));
  }
}
