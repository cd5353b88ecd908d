package dev.palimpsest.methods.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Mistake;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
  @TempDir Path folder;

  @BeforeEach
  void makeFiles() {
    DataFiles.idx(folder);
  }

  private void refused(String... parts) {
    assertThatThrownBy(() -> DataFolder.open(folder))
        .isInstanceOf(Mistake.class)
        .hasMessageContainingAll(parts);
  }

  private void sums(String digest, String name) {
    DataFiles.write(folder, "SHA256SUMS", digest + "  " + name + "\n");
  }

  @Test
  void theFormatFollowsFromTheFiles(@TempDir Path other) {
    assertThat(DataFormat.detect(DataFolder.open(folder))).isInstanceOf(Idx.class);
    DataFiles.write(other, "test_batch.bin", DataFiles.cifar(1));
    assertThat(DataFormat.detect(DataFolder.open(other))).isInstanceOf(Cifar10.class);
  }

  @Test
  void aFolderOfNoKnownFormatIsToldWhatEachExpects(@TempDir Path other) {
    DataFolder empty = DataFolder.open(other);
    assertThatThrownBy(() -> DataFormat.detect(empty))
        .isInstanceOf(Mistake.class)
        .hasMessageContainingAll(
            other.toString(), "train-images-idx3-ubyte", "(idx)", "data_batch_*.bin");
  }

  @Test
  void filesOfTwoFormatsAreAmbiguous() {
    DataFiles.write(folder, "test_batch.bin", DataFiles.cifar(1));
    DataFolder both = DataFolder.open(folder);
    assertThatThrownBy(() -> DataFormat.detect(both))
        .isInstanceOf(Mistake.class)
        .hasMessageContainingAll("several formats", "cifar10-bin, idx");
  }

  @Test
  void checksumsThatHoldAreAccepted() {
    String digest = Digest.of(DataFiles.idxLabels(1, 0)).hex();
    DataFiles.write(
        folder,
        "SHA256SUMS",
        digest + "  t10k-labels-idx1-ubyte\n\n" + digest + " *t10k-labels-idx1-ubyte\n");
    assertThat(DataFolder.open(folder).path()).isEqualTo(folder);
  }

  @Test
  void aChecksumThatDoesNotHoldShowsBothDigests() {
    sums(Digest.of("other").hex(), "t10k-labels-idx1-ubyte");
    refused(
        "t10k-labels-idx1-ubyte' has SHA-256 " + Digest.of(DataFiles.idxLabels(1, 0)).brief(),
        "expected " + Digest.of("other").brief());
  }

  @Test
  void aFileWithAChecksumMustBeThere() {
    sums(Digest.of("x").hex(), "more-images-idx3-ubyte");
    refused("more-images-idx3-ubyte' is missing", "SHA256SUMS");
  }

  @Test
  void checksumsReachNoOtherFolder() {
    sums(Digest.of("x").hex(), "../secret");
    refused("SHA256SUMS', line 1", "file in the same folder");
  }

  @Test
  void aLineThatIsNoChecksumIsNamed() {
    DataFiles.write(folder, "SHA256SUMS", "\nabc  train-images-idx3-ubyte\n");
    refused("SHA256SUMS', line 2", "64 hexadecimal digits");
  }

  @Test
  void aMissingFolderIsNamed() {
    assertThatThrownBy(() -> DataFolder.open(folder.resolve("nowhere")))
        .isInstanceOf(Mistake.class)
        .hasMessageContainingAll("nowhere' is not a folder that exists");
  }

  @Test
  void aDescriptionWithAnUnknownFieldIsRefused() {
    DataFiles.write(
        folder,
        "dataset.json",
        """
        {"name": "a", "classes": ["x"], "licence": "", "source": "", "url": ""}
        """);
    refused("dataset.json", "'url'", "classes, licence, name, source");
  }

  @Test
  void aDescriptionWithoutAFieldIsRefused() {
    DataFiles.write(folder, "dataset.json", "{\"name\": \"a\", \"classes\": [\"x\"]}");
    refused("dataset.json", "licence");
  }

  @Test
  void nullIsNoNameOfAClass() {
    DataFiles.write(
        folder,
        "dataset.json",
        "{\"name\": \"a\", \"classes\": [null], \"licence\": \"\", \"source\": \"\"}");
    refused("dataset.json", "'null' is empty or given twice");
  }

  @Test
  void aClassGivenTwiceIsRefused() {
    DataFiles.write(
        folder,
        "dataset.json",
        "{\"name\": \"a\", \"classes\": [\"x\", \"x\"], \"licence\": \"\", \"source\": \"\"}");
    refused("dataset.json", "'x' is empty or given twice");
  }

  @Test
  void theQuickstartsImagesAreBalancedFashionMnist() {
    DataFolder quickstart = DataFolder.open(Path.of("../../examples/sbl-quickstart/data"));
    assertThat(DataFormat.detect(quickstart)).isInstanceOf(Idx.class);
    Imported imported = new Idx().read(quickstart, new NoParameters());
    assertThat(imported.train().get("images").shape()).containsExactly(6000, 1, 28, 28);
    assertThat(imported.test().get("images").shape()).containsExactly(1000, 1, 28, 28);
    long[] trainLabels = imported.train().get("labels").longs();
    long[] testLabels = imported.test().get("labels").longs();
    for (int label = 0; label < 10; label++) {
      long wanted = label;
      assertThat(Arrays.stream(trainLabels).filter(l -> l == wanted).count()).isEqualTo(600);
      assertThat(Arrays.stream(testLabels).filter(l -> l == wanted).count()).isEqualTo(100);
    }
    // The full set begins with these labels; its first image is an ankle boot.
    assertThat(trainLabels).startsWith(9, 0, 0, 3, 0, 2, 7, 2, 5, 5);
    assertThat(imported.train().text("name")).isEqualTo("fashion-mnist-7000");
    assertThat(imported.train().text("classes")).startsWith("[\"T-shirt/top\",\"Trouser\"");
    assertThat(imported.train().text("licence")).startsWith("MIT");
  }
}
