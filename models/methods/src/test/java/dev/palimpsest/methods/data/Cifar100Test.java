package dev.palimpsest.methods.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar100Test {
  @TempDir Path folder;

  /** The files of the published archive, with a few records and three classes. */
  @BeforeEach
  void makeFiles() {
    DataFiles.write(folder, "train.bin", DataFiles.cifar100(19, 2, 0, 1));
    DataFiles.write(folder, "test.bin", DataFiles.cifar100(7, 1));
    DataFiles.write(folder, "fine_label_names.txt", "apple\naquarium_fish\nbaby\n\n");
    DataFiles.write(folder, "coarse_label_names.txt", "aquatic_mammals\n");
  }

  private Imported read() {
    DataFolder opened = DataFolder.open(folder);
    assertThat(DataFormat.detect(opened)).isInstanceOf(Cifar100.class);
    return new Cifar100().read(opened, new NoParameters());
  }

  private void refused(String... parts) {
    assertThatThrownBy(this::read).isInstanceOf(Mistake.class).hasMessageContainingAll(parts);
  }

  @Test
  void fineLabelsAndTheirNamesAreRead() {
    Imported imported = read();
    assertThat(imported.train().get("labels").longs()).containsExactly(2, 0, 1);
    assertThat(imported.test().get("labels").longs()).containsExactly(1);
    assertThat(imported.train().text("classes"))
        .isEqualTo("[\"apple\",\"aquarium_fish\",\"baby\"]");
    assertThat(imported.train().text("name")).isEqualTo("cifar100");
  }

  @Test
  void pixelsBeginBehindBothLabels() {
    byte[] pixels = read().train().get("images").bytes();
    assertThat(pixels).hasSize(3 * 3072).startsWith(12, 12).endsWith(31, 31);
    assertThat(pixels[3072]).isEqualTo((byte) 10);
  }

  @Test
  void filesOfTheOtherCifarAreRefused() {
    DataFiles.write(folder, "train.bin", DataFiles.cifar(1, 2));
    refused("train.bin' is truncated", "6148 bytes for 2 images (2 labels", "found 6146");
  }

  @Test
  void aLabelWithoutANameIsRefused() {
    DataFiles.write(folder, "test.bin", DataFiles.cifar100(0, 1, 3));
    refused("test.bin", "image 1 has label 3", "expected 0 to 2");
  }

  @Test
  void aNameGivenTwiceIsRefused() {
    DataFiles.write(folder, "fine_label_names.txt", "apple\napple\n");
    refused("fine_label_names.txt", "'apple' is empty or given twice");
  }

  @Test
  void aTruncatedFileIsRefused() {
    DataFiles.write(folder, "test.bin", Arrays.copyOf(DataFiles.cifar100(0, 1), 3000));
    refused("test.bin' is truncated", "expected 3074 bytes", "found 3000");
  }
}
