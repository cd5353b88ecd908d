package dev.palimpsest.methods.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TinyImageNetTest {
  @TempDir Path folder;

  /** The layout of the published archive, with three classes of a few grey images. */
  @BeforeEach
  void makeFiles() {
    DataFiles.write(folder, "wnids.txt", "n03126707\nn02124075\nn02012849\n");
    DataFiles.write(
        folder,
        "words.txt",
        """
        n00001740\tentity
        n02012849\tcrane
        n02124075\tEgyptian cat
        n03126707\tcrane, derrick
        """);
    image("train/n02124075/images/n02124075_1.JPEG", 21);
    image("train/n02124075/images/n02124075_0.JPEG", 20);
    image("train/n02012849/images/n02012849_0.JPEG", 10);
    image("train/n03126707/images/n03126707_0.JPEG", 30);
    DataFiles.write(folder, "train/n02124075/n02124075_boxes.txt", "n02124075_0.JPEG\t0\t10\n");
    image("val/images/val_0.JPEG", 31);
    image("val/images/val_1.JPEG", 22);
    annotations("val_1.JPEG\tn02124075\t0\t0\t4\t3\nval_0.JPEG\tn03126707\t0\t0\t4\t3\n");
    image("test/images/test_0.JPEG", 99);
  }

  private void annotations(String lines) {
    DataFiles.write(folder, "val/val_annotations.txt", lines);
  }

  private void image(String name, int grey) {
    DataFiles.write(
        folder,
        name,
        DataFiles.encoded(
            "jpeg", DataFiles.image(BufferedImage.TYPE_INT_RGB, 4, 3, grey * 0x010101)));
  }

  private Imported read() {
    DataFolder opened = DataFolder.open(folder);
    assertThat(DataFormat.detect(opened)).isInstanceOf(TinyImageNet.class);
    return new TinyImageNet().read(opened, new NoParameters());
  }

  private void refused(String... parts) {
    assertThatThrownBy(this::read).isInstanceOf(Mistake.class).hasMessageContainingAll(parts);
  }

  @Test
  void trainingImagesAreInTheOrderOfIdsAndNames() {
    var train = read().train();
    assertThat(train.get("labels").longs()).containsExactly(0, 1, 1, 2);
    assertThat(train.get("images").shape()).containsExactly(4, 3, 3, 4);
    byte[] pixels = train.get("images").bytes();
    assertThat(new int[] {pixels[0], pixels[36], pixels[72], pixels[108]})
        .containsExactly(10, 20, 21, 30);
  }

  @Test
  void theAnnotatedValidationImagesAreTheTestPart() {
    var test = read().test();
    assertThat(test.get("labels").longs()).containsExactly(2, 1);
    assertThat(test.get("images").bytes()).startsWith(31, 31).endsWith(22, 22);
  }

  @Test
  void classesHaveTheirFirstWordAndTheirIdWhereItIsNotTheirsAlone() {
    assertThat(read().train().text("classes"))
        .isEqualTo("[\"crane (n02012849)\",\"Egyptian cat\",\"crane (n03126707)\"]");
  }

  @Test
  void linesThatSuitNoImageOrClassAreNamed() {
    for (String second : new String[] {"val_2.JPEG\tn02124075", "val_0.JPEG\tn1", "val_0.JPEG"}) {
      annotations("val_1.JPEG\tn02124075\n" + second + "\n");
      refused("val_annotations.txt', line 2 is '" + second + "'");
    }
    annotations("val_1.JPEG\tn02124075\nval_1.JPEG\tn02124075\n");
    refused("line 2", "that no other line names");
  }

  @Test
  void anImageWithoutALineIsNamed() {
    annotations("val_1.JPEG\tn02124075\n");
    refused("val_annotations.txt' lacks the image 'val_0.JPEG'");
  }

  @Test
  void missingListsAndFoldersAreNamed() {
    DataFiles.delete(folder, "train/n03126707/images/n03126707_0.JPEG");
    refused("train/n03126707/images' is missing or holds no image");
    DataFiles.delete(folder, "words.txt");
    refused("words.txt' is missing");
  }
}
