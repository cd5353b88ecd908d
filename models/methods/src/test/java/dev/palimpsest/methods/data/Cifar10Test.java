package dev.palimpsest.methods.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar10Test {
  @TempDir Path folder;

  /** The files of the published archive, with a few records each. */
  @BeforeEach
  void makeFiles() {
    for (int batch = 1; batch <= 5; batch++) {
      DataFiles.write(folder, "data_batch_" + batch + ".bin", DataFiles.cifar(batch, 9 - batch));
    }
    DataFiles.write(folder, "test_batch.bin", DataFiles.cifar(0, 3, 9));
    DataFiles.write(folder, "batches.meta.txt", "airplane\n");
    DataFiles.write(folder, "readme.html", "<html></html>");
  }

  private Imported read() {
    return new Cifar10().read(DataFolder.open(folder), new NoParameters());
  }

  private void refused(String... parts) {
    assertThatThrownBy(this::read).isInstanceOf(Mistake.class).hasMessageContainingAll(parts);
  }

  @Test
  void theOfficialLayoutIsReadBatchByBatch() {
    Imported imported = read();
    assertThat(imported.train().get("labels").longs())
        .containsExactly(1, 8, 2, 7, 3, 6, 4, 5, 5, 4);
    assertThat(imported.train().get("images").shape()).containsExactly(10, 3, 32, 32);
    assertThat(imported.test().get("labels").longs()).containsExactly(0, 3, 9);
    assertThat(imported.train().text("classes")).startsWith("[\"airplane\",\"automobile\"");
  }

  @Test
  void planesStayRedGreenBlue() {
    byte[] pixels = read().test().get("images").bytes();
    int second = 3072;
    assertThat(pixels[second]).isEqualTo((byte) 13);
    assertThat(pixels[second + 1023]).isEqualTo((byte) 13);
    assertThat(pixels[second + 1024]).isEqualTo((byte) 23);
    assertThat(pixels[second + 2048]).isEqualTo((byte) 33);
    assertThat(pixels[second + 3071]).isEqualTo((byte) 33);
  }

  @Test
  void filesMayBePackedAndNamedFreely(@TempDir Path other) {
    int[] labels = new int[2500];
    Arrays.setAll(labels, i -> i % 10);
    DataFiles.write(other, "subset-train.bin.gz", DataFiles.gzip(DataFiles.cifar(labels)));
    DataFiles.write(other, "latest-train.bin.gz", DataFiles.gzip(DataFiles.cifar(7)));
    DataFiles.write(other, "subset-test.bin.gz", DataFiles.gzip(DataFiles.cifar(4)));
    Imported imported = new Cifar10().read(DataFolder.open(other), new NoParameters());
    assertThat(imported.train().get("labels").longs()).hasSize(2501).startsWith(7, 0, 1, 2);
    assertThat(imported.train().get("images").bytes())
        .endsWith(new byte[] {39, 39, 39})
        .hasSize(2501 * 3072);
  }

  @Test
  void aTruncatedRecordIsRefusedWithWhatWasExpectedAndFound() {
    DataFiles.write(folder, "data_batch_3.bin", Arrays.copyOf(DataFiles.cifar(1, 2), 5000));
    refused("data_batch_3.bin' is truncated", "expected 6146 bytes for 2 images", "found 5000");
  }

  @Test
  void aRecordTruncatedFarInCountsFromTheFilesStart() {
    DataFiles.write(
        folder, "data_batch_3.bin", Arrays.copyOf(DataFiles.cifar(new int[1200]), 1100 * 3073 + 1));
    refused("expected 3383373 bytes for 1101 images", "found 3380301");
  }

  @Test
  void aLabelBeyondTheClassesIsRefusedNamingItsFile() {
    DataFiles.write(folder, "data_batch_2.bin", DataFiles.cifar(3, 10));
    refused("data_batch_2.bin", "image 1 has label 10", "expected 0 to 9");
  }

  @Test
  void anEmptyFileIsRefused() {
    DataFiles.write(folder, "test_batch.bin", new byte[0]);
    refused("test_batch.bin' is empty", "3073");
  }

  @Test
  void missingTestImagesAreNamed() {
    DataFiles.delete(folder, "test_batch.bin");
    refused("lacks the test images", "*test*.bin[.gz]");
  }

  @Test
  void missingTrainingImagesAreNamed() {
    for (int batch = 1; batch <= 5; batch++) {
      DataFiles.delete(folder, "data_batch_" + batch + ".bin");
    }
    refused("lacks the train images", "data_batch_*.bin[.gz]");
  }

  @Test
  void aBatchIsNotReadTwice() {
    DataFiles.write(folder, "data_batch_1.bin.gz", DataFiles.gzip(DataFiles.cifar(1, 8)));
    refused("both 'data_batch_1.bin' and 'data_batch_1.bin.gz'");
  }
}
