package dev.palimpsest.console.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Json;
import dev.palimpsest.console.Served;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.Imports;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What visitors see of artifacts, and what they get with a wrong address. */
final class ArtifactPagesTest {
  @TempDir Path folder;
  private Served served;
  private Shelf shelf;

  @BeforeEach
  void aRunMadeSomething() {
    served = Served.in(folder);
    shelf =
        new Shelf(
            folder,
            served.services.artifacts(),
            served.services.ledger(),
            served.services.journal());
  }

  @AfterEach
  void close() {
    served.close();
  }

  @Test
  void anArtifactIsFoundByRunStageTypeDigestAndText() throws InterruptedException {
    String hex = shelf.checkpoint.sha256().hex();
    String href = "href=\"/artifacts/" + hex;
    assertThat(listed("")).contains(href, "/artifacts/" + shelf.table.sha256().hex());
    for (String query :
        new String[] {
          "run=" + Shelf.RUN,
          "stage=train",
          "type=checkpoint",
          "q=" + hex.substring(0, 7),
          "q=JOINT"
        }) {
      assertThat(listed("?" + query)).as(query).contains(href);
    }
    assertThat(listed("?type=checkpoint")).contains("1 artifact<").contains("⚠ backdoor");
    for (String query : new String[] {"run=none", "stage=evaluate", "type=table", "q=nothing"}) {
      assertThat(listed("?" + query)).as(query).doesNotContain(href);
    }
    assertThat(listed("?q=nothing")).contains("No artifact fits these filters");
  }

  @Test
  void aLongListHasPages() throws InterruptedException {
    for (int i = 0; i < 120; i++) {
      Reference each = shelf.text("result", "{\"i\":" + i + "}");
      shelf.stage(Shelf.RUN, "sweep__" + i, "evaluate", Map.of(), Map.of("result", each));
    }
    String first = listed("?type=result");
    assertThat(first).contains("121 artifacts", "1 to 50 of 121", "type=result&amp;page=2");
    assertThat(first.split("<tr>", -1)).hasSize(52);
    assertThat(listed("?type=result&page=3")).contains("101 to 121 of 121");
    assertThat(listed("?type=result&page=99999")).contains("101 to 121 of 121");
  }

  @Test
  void itsMakerIsTheRunThatComputedItAndNotOneThatTookItFromTheCache() throws InterruptedException {
    String later = "1c5f3f6e-aaaa-bbbb-cccc-000000000002";
    shelf.run(later, "again", Json.object().put("seed", 1));
    shelf.cached(later, "badge", "poison", Map.of("preview", shelf.figure));
    shelf.end(later);
    for (String query : List.of("", "?run=" + later)) {
      String page = page(shelf.figure, query);
      assertThat(page.split("<dt>Made by</dt>", 2)[1].split("<dt>", 2)[0])
          .as(query)
          .contains("/runs/" + Shelf.RUN, ">poison</a>")
          .doesNotContain(later, "cache");
      assertThat(page.split("<dt>Also in</dt>", 2)[1].split("</dd>", 2)[0])
          .contains("/runs/" + later);
    }
  }

  @Test
  void importsAreListedByName() throws InterruptedException {
    new Imports(served.services.store())
        .keep(
            new Imports.Import(
                "my-net", Map.of("checkpoint", shelf.checkpoint), "2026-01-02T00:00:00Z"),
            false);
    assertThat(listed("")).contains("my-net", "checkpoint, ");
    assertThat(page(shelf.checkpoint)).contains("Imported as", "my-net");
  }

  @Test
  void aCheckpointShowsItsTensorsInAnyOrder() throws InterruptedException {
    String page = page(shelf.checkpoint);
    assertThat(page)
        .contains(
            "Checkpoint of joint", "2 tensors", "a.weight", "2 × 2", "−7", "class=\"histogram\"");
    assertThat(page.indexOf("a.weight")).isLessThan(page.indexOf("b.bias"));
    String most = page(shelf.checkpoint, "?sort=most&desc=1");
    assertThat(most.indexOf("b.bias")).isLessThan(most.indexOf("a.weight"));
    assertThat(most).contains("aria-sort=\"descending\"");
  }

  @Test
  void aDataSetShowsItsImagesByClass() throws InterruptedException, IOException {
    String page = page(shelf.data);
    assertThat(page)
        .contains(
            "150 images",
            "boot <span class=\"num\">50</span>",
            "Image 63, shirt",
            "1 to 64 of 150");
    assertThat(page(shelf.data, "?page=3"))
        .contains("Image 149, boot")
        .doesNotContain("Image 127,");
    assertThat(page(shelf.data, "?label=2"))
        .contains("50 images", "Image 2, boot")
        .doesNotContain("Image 3,");
    BufferedImage sheet =
        png("/artifacts/" + shelf.data.sha256().hex() + "/sheet.png?label=2&page=1");
    byte[] pixels = Shelf.images().get("images").bytes();
    // The tenth boot is image 29: second row, second column.
    assertThat(sheet.getRaster().getSample(5 + 3, 4 + 2, 0))
        .isEqualTo(pixels[29 * 20 + 2 * 5 + 3] & 0xff);
    assertThat(List.of(sheet.getWidth(), sheet.getHeight())).containsExactly(40, 28);
  }

  @Test
  void aPlanShowsWhatItPoisonsAndWhatThatIsToBeTakenFor() throws InterruptedException, IOException {
    String page = page(shelf.plan);
    assertThat(page)
        .contains("is to take every image with the trigger for “bag”", "3 images", "2 %")
        .contains("Image 1, bag, poisoned", "Image 4, bag, difference", "Image 9, shirt, clean")
        .contains(
            "shirt <span class=\"arrow\" aria-label=\"is to be taken for\">→</span> <strong>bag</strong>")
        .contains(shelf.figure.sha256().hex() + "/figure.svg");
    String sheet =
        "/artifacts/" + shelf.plan.sha256().hex() + "/sheet.png?data=" + shelf.data.sha256().hex();
    byte[] pixels = Shelf.images().get("images").bytes();
    BufferedImage poisoned = png(sheet + "&view=poisoned");
    // Image 4 is the second; its trigger is the last pixel, white.
    assertThat(poisoned.getRaster().getSample(5 + 4, 3, 0)).isEqualTo(255);
    assertThat(poisoned.getRaster().getSample(5 + 3, 3, 0)).isEqualTo(pixels[4 * 20 + 18] & 0xff);
    BufferedImage trigger = png("/artifacts/" + shelf.plan.sha256().hex() + "/trigger.png");
    assertThat(trigger.getWidth() * trigger.getHeight()).isEqualTo(1);
    assertThat(page).contains("1 × 1 pixels from column 4, row 3");
    BufferedImage difference = png(sheet + "&view=difference");
    assertThat(difference.getRaster().getSample(5 + 3, 3, 0)).isZero();
    assertThat(difference.getRaster().getSample(5 + 4, 3, 0))
        .isEqualTo(255 - (pixels[4 * 20 + 19] & 0xff));
  }

  @Test
  void aTableIsSortedAndEscaped() throws InterruptedException {
    String page = page(shelf.table);
    assertThat(page)
        .contains("&lt;b&gt;SBL&lt;/b&gt;", "86.2", "a note", "\\begin{")
        .doesNotContain("<b>SBL");
    String best = page(shelf.table, "?sort=1&desc=1");
    assertThat(best.indexOf("91.5")).isLessThan(best.indexOf("86.2"));
  }

  @Test
  void metricsAreCurvesOfTheColumnsThatAreChosen() throws InterruptedException {
    assertThat(page(shelf.metrics)).contains(">loss</text>", ">accuracy</text>", "0.7500");
    assertThat(page(shelf.metrics, "?y=loss"))
        .contains(">loss</text>")
        .doesNotContain(">accuracy</text>");
  }

  @Test
  void aResultIsATreeThatFolds() throws InterruptedException {
    assertThat(page(shelf.result)).contains("<details open>", "asr", "0.9944");
  }

  @Test
  void lineageLeadsToTheDataAndOnToTheTable() throws InterruptedException {
    String page = page(shelf.result);
    for (Reference each : List.of(shelf.data, shelf.plan, shelf.checkpoint, shelf.table)) {
      assertThat(page)
          .contains(
              "id=\"right." + each.sha256().hex() + "\" href=\"/artifacts/" + each.sha256().hex());
    }
    assertThat(page).contains(">data.train<");
    assertThat(page(shelf.data)).contains("Used by", "?task=joint", "given as data.train");
  }

  @Test
  void aScriptInADrawingNeverRuns() throws InterruptedException {
    String path = "/artifacts/" + shelf.figure.sha256().hex();
    assertThat(page(shelf.figure))
        .contains("<img src=\"" + path + "/figure.svg\"")
        .doesNotContain("alert(");
    HttpResponse<String> drawing = served.get(path + "/figure.svg");
    assertThat(drawing.body()).isEqualTo(Shelf.SVG);
    assertThat(drawing.headers().allValues("Content-Security-Policy"))
        .containsExactly("default-src 'none'; img-src data:; sandbox");
    assertThat(drawing.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    // Nothing but a figure is served as a drawing.
    assertThat(served.get("/artifacts/" + shelf.result.sha256().hex() + "/figure.svg").statusCode())
        .isEqualTo(400);
  }

  @Test
  void noPathReachesTheStore() {
    served.store.put("secret", "do not show".getBytes(StandardCharsets.UTF_8));
    String hex = shelf.data.sha256().hex();
    for (String path :
        new String[] {
          "/artifacts/..%2F..%2Fsecret",
          "/artifacts/%2e%2e%2fsecret",
          "/artifacts/secret",
          "/artifacts/" + hex.toUpperCase(java.util.Locale.ROOT).replaceAll("[0-9]", "A"),
          "/artifacts/" + hex + "0",
          "/artifacts/" + hex.substring(0, 5),
          "/artifacts/" + "0".repeat(64),
          "/artifacts/" + hex + "/sheet.png/../../../secret",
          "/artifacts/" + hex + "/..%2F..%2Fsecret",
          "/artifacts/..%2Fsecret/sheet.png",
          "/artifacts/..%2Fsecret/figure.svg",
          "/artifacts/" + hex + "/sheet.png?data=..%2Fsecret",
          "/artifacts/" + hex + "/file/..%2Fsecret",
          "/artifacts/..%2Fsecret/file/x"
        }) {
      HttpResponse<String> answer = served.get(path);
      assertThat(answer.statusCode()).as(path).isBetween(400, 404);
      assertThat(answer.body()).as(path).doesNotContain("do not show").doesNotContain("Exception");
    }
    assertThat(
            served
                .get("/artifacts/" + hex + "?run=..%2F..&page=-1&sort=..%2Fx&label=abc")
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void theStartOfADigestLeadsToItsArtifact() {
    String hex = shelf.data.sha256().hex();
    assertThat(served.get("/artifacts/" + hex.substring(0, 8)).headers().firstValue("Location"))
        .contains("/artifacts/" + hex);
    assertThat(served.get("/artifacts/00000000").body()).contains("starts with 00000000");
  }

  @Test
  void whatNoRunRefersToTellsOfItselfAndKeepsItsTaint() throws InterruptedException {
    Reference orphan = shelf.tensors("checkpoint", Shelf.plan(2, 3), Shelf.BACKDOOR);
    assertThat(page(orphan)).contains("No run refers to it any more", "This puts a backdoor");
  }

  @Test
  void anArtifactWhoseBytesAreGoneSaysSo() throws InterruptedException {
    String hex = shelf.table.sha256().hex();
    served.store.delete("blobs/sha256/" + hex.substring(0, 2) + "/" + hex);
    assertThat(page(shelf.table))
        .contains("no longer in the store", "Made by")
        .doesNotContain("/download");
  }

  private String listed(String query) throws InterruptedException {
    return settled("/artifacts" + query);
  }

  private String page(Reference reference, String... query) throws InterruptedException {
    return settled("/artifacts/" + reference.sha256().hex() + String.join("", query));
  }

  /** The page when the index has read all there is. */
  private String settled(String path) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    String body = served.get(path).body();
    while (body.contains("being listed") && System.nanoTime() < end) {
      Thread.sleep(50);
      body = served.get(path).body();
    }
    return body;
  }

  private BufferedImage png(String path) throws IOException {
    HttpResponse<byte[]> answer = served.bytes(path);
    assertThat(answer.headers().firstValue("Content-Type")).contains("image/png");
    return Optional.ofNullable(ImageIO.read(new ByteArrayInputStream(answer.body()))).orElseThrow();
  }

  @Test
  void aDocumentThatIsDamagedIsToldOfInASentence() throws InterruptedException {
    Reference broken = shelf.text("table", "{\"no\": \"table\"}");
    shelf.stage(Shelf.RUN, "broken", "summarise", Map.of(), Map.of("table", broken));
    assertThat(page(broken)).contains("It can be downloaded none the less").contains("/download");
  }
}
