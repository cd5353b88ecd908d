package dev.palimpsest.methods.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.tensors.Tensors;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdxTest {
  @TempDir Path folder;

  @BeforeEach
  void makeFiles() {
    DataFiles.idx(folder);
  }

  private Imported read() {
    return new Idx().read(DataFolder.open(folder), new NoParameters());
  }

  private void refused(String... parts) {
    assertThatThrownBy(this::read).isInstanceOf(Mistake.class).hasMessageContainingAll(parts);
  }

  @Test
  void imagesAndLabelsKeepTheirOrder() {
    Imported imported = read();
    assertThat(imported.train().get("images").shape()).containsExactly(4, 1, 2, 3);
    assertThat(imported.train().get("images").bytes())
        .startsWith(0, 1, 2, 3, 4, 5, 6)
        .endsWith(22, 23);
    assertThat(imported.train().get("labels").longs()).containsExactly(2, 0, 1, 2);
    assertThat(imported.test().get("images").bytes()).startsWith(100, 101).hasSize(12);
    assertThat(imported.test().get("labels").longs()).containsExactly(1, 0);
    assertThat(imported.test().text("split")).isEqualTo("test");
    assertThat(imported.splits().keySet()).containsExactly("train", "test");
  }

  @Test
  void withoutADescriptionClassesAreNumbered() {
    assertThat(read().train().text("classes")).isEqualTo("[\"0\",\"1\",\"2\"]");
  }

  @Test
  void aDescriptionGivesNamesLicenceAndSource() {
    DataFiles.write(
        folder,
        "dataset.json",
        """
        {"name": "shapes", "classes": ["disc", "ring", "star", "cross"], "licence": "CC0",
         "source": "drawn by hand"}
        """);
    Tensors test = read().test();
    assertThat(test.metadata())
        .containsEntry("name", "shapes")
        .containsEntry("classes", "[\"disc\",\"ring\",\"star\",\"cross\"]")
        .containsEntry("licence", "CC0")
        .containsEntry("source", "drawn by hand");
  }

  @Test
  void packedFilesGiveTheSame() {
    Imported plain = read();
    DataFiles.delete(folder, "train-images-idx3-ubyte");
    DataFiles.write(
        folder, "train-images-idx3-ubyte.gz", DataFiles.gzip(DataFiles.idxImages(4, 2, 3, 0)));
    assertThat(read().train().get("images").bytes()).isEqualTo(plain.train().get("images").bytes());
  }

  @Test
  void parametersMayComeAsJson() {
    var binder = new Parameters(Methods.load());
    DataFolder opened = DataFolder.open(folder);
    assertThat(DataFormat.detect(opened).read(opened, binder, Json.object()).splits()).hasSize(2);
    assertThatThrownBy(() -> new Idx().read(opened, binder, Json.object().put("transposed", true)))
        .isInstanceOf(Mistake.class)
        .hasMessageContainingAll("data format 'idx'", "'transposed'");
  }

  @ParameterizedTest
  @CsvSource({
    "train-images-idx3-ubyte, train images, train-images-idx3-ubyte[.gz]",
    "train-labels-idx1-ubyte, train labels, train-labels-idx1-ubyte[.gz]",
    "t10k-images-idx3-ubyte, test images, t10k-images-idx3-ubyte[.gz]",
    "t10k-labels-idx1-ubyte, test labels, t10k-labels-idx1-ubyte[.gz]"
  })
  void aMissingFileIsNamedWithItsUsualName(String name, String what, String expected) {
    DataFiles.delete(folder, name);
    refused(folder.toString(), "lacks the " + what, expected);
  }

  @Test
  void thePlainAndThePackedFileTogetherAreAmbiguous() {
    DataFiles.write(folder, "t10k-labels-idx1-ubyte.gz", DataFiles.gzip(new byte[8]));
    refused("several files for the test labels", "t10k-labels-idx1-ubyte.gz", "expected one");
  }

  @Test
  void aTruncatedFileIsRefusedWithWhatWasExpectedAndFound() {
    DataFiles.write(
        folder, "train-images-idx3-ubyte", Arrays.copyOf(DataFiles.idxImages(4, 2, 3, 0), 33));
    refused(
        "train-images-idx3-ubyte' is truncated",
        "expected 40 bytes for 4 images of 2 by 3 pixels",
        "found 33");
  }

  @Test
  void aFileThatEndsWithinItsHeaderIsTruncated() {
    DataFiles.write(folder, "t10k-labels-idx1-ubyte", new byte[] {0, 0, 8, 1, 0});
    refused("t10k-labels-idx1-ubyte' is truncated", "expected 8 bytes", "found 5");
  }

  @Test
  void whatFollowsTheLastImageIsRefused() {
    DataFiles.write(
        folder, "train-labels-idx1-ubyte", Arrays.copyOf(DataFiles.idxLabels(2, 0, 1, 2), 13));
    refused("train-labels-idx1-ubyte' is too long", "expected 12 bytes for 4 labels");
  }

  @Test
  void aWrongMagicNumberIsShownBesideTheRightOne() {
    DataFiles.write(folder, "train-images-idx3-ubyte", DataFiles.idxLabels(1, 2, 3));
    refused("train-images-idx3-ubyte' is no IDX file of images", "00000801", "00000803");
  }

  @Test
  void countsOfImagesAndLabelsMustAgree() {
    DataFiles.write(folder, "train-labels-idx1-ubyte", DataFiles.idxLabels(1, 0, 2));
    refused("holds 3 labels", "expected 4", "train-images-idx3-ubyte");
  }

  @Test
  void aLabelBeyondTheClassesIsRefused() {
    DataFiles.write(
        folder,
        "dataset.json",
        "{\"name\": \"n\", \"classes\": [\"a\", \"b\"], \"licence\": \"\", \"source\": \"\"}");
    refused("train-labels-idx1-ubyte", "image 0 has label 2", "expected 0 to 1");
  }

  @Test
  void testImagesOfAnotherSizeAreRefused() {
    DataFiles.write(folder, "t10k-images-idx3-ubyte", DataFiles.idxImages(2, 3, 3, 0));
    refused("[1, 3, 3]", "expected [1, 2, 3]");
  }

  @Test
  void aHugeCountIsRefusedBeforeItIsRead() {
    ByteBuffer header = ByteBuffer.allocate(16).putInt(0x803).putInt(-1).putInt(28).putInt(28);
    DataFiles.write(folder, "train-images-idx3-ubyte", header.array());
    refused("4294967295 images of 28 by 28 pixels", "at most 2 GB");
  }

  @Test
  void aLargeCountTakesNoMemoryForWhatIsNotThere() {
    ByteBuffer header =
        ByteBuffer.allocate(16).putInt(0x803).putInt(2_000_000).putInt(32).putInt(32);
    DataFiles.write(folder, "train-images-idx3-ubyte", header.array());
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    refused("expected 2048000016 bytes for 2000000 images", "found 16");
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(100_000_000);
  }

  @Test
  void anEmptySetIsRefused() {
    DataFiles.write(folder, "t10k-images-idx3-ubyte", DataFiles.idxImages(0, 2, 3, 0));
    refused("t10k-images-idx3-ubyte' holds 0 images", "at least one");
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 20, 30})
  void aTruncatedGzipFileIsRefused(int length) {
    byte[] packed = DataFiles.gzip(DataFiles.idxImages(4, 2, 3, 0));
    DataFiles.delete(folder, "train-images-idx3-ubyte");
    DataFiles.write(folder, "train-images-idx3-ubyte.gz", Arrays.copyOf(packed, length));
    refused("train-images-idx3-ubyte.gz' is truncated", "gzip data ends");
  }

  @Test
  void aCorruptGzipFileIsRefused() {
    byte[] packed = DataFiles.gzip(DataFiles.idxImages(4, 2, 3, 0));
    packed[packed.length - 8] ^= 1; // in the checksum of the content
    DataFiles.delete(folder, "train-images-idx3-ubyte");
    DataFiles.write(folder, "train-images-idx3-ubyte.gz", packed);
    refused("train-images-idx3-ubyte.gz' is not sound gzip", "fetch it again");
  }

  @Test
  void aPlainFileNamedGzIsRefused() {
    DataFiles.delete(folder, "train-images-idx3-ubyte");
    DataFiles.write(folder, "train-images-idx3-ubyte.gz", DataFiles.idxImages(4, 2, 3, 0));
    refused("train-images-idx3-ubyte.gz' is not sound gzip");
  }
}
