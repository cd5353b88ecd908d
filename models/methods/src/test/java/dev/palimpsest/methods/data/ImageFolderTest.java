package dev.palimpsest.methods.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.tensors.Tensor;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  @TempDir Path folder;

  /** Images of 4 by 3 pixels, whose red counts them. */
  @BeforeEach
  void makeFiles() {
    DataFiles.write(folder, "train/cat/b.png", DataFiles.png(0x02A0B0));
    DataFiles.write(folder, "train/cat/a.PNG", DataFiles.png(0x01A0B0));
    DataFiles.write(folder, "train/ant/z.png", DataFiles.png(0x00A0B0));
    DataFiles.write(folder, "test/cat/c.png", DataFiles.png(0x03A0B0));
    DataFiles.write(folder, "test/ant/.hidden", "not an image");
    DataFiles.write(folder, "test/ant/d.png", DataFiles.png(0x04A0B0));
  }

  private Imported read() {
    DataFolder opened = DataFolder.open(folder);
    assertThat(DataFormat.detect(opened)).isInstanceOf(ImageFolder.class);
    return new ImageFolder().read(opened, new NoParameters());
  }

  private void refused(String... parts) {
    assertThatThrownBy(this::read).isInstanceOf(Mistake.class).hasMessageContainingAll(parts);
  }

  private byte[] only(byte[] file) {
    DataFiles.write(folder, "test/ant/d.png", file);
    Tensor images = read().test().get("images");
    assertThat(images.shape()).containsExactly(2, 3, 3, 4);
    return Arrays.copyOf(images.bytes(), 36);
  }

  private static byte[] planes(int red, int green, int blue) {
    byte[] planes = new byte[36];
    Arrays.fill(planes, 0, 12, (byte) red);
    Arrays.fill(planes, 12, 24, (byte) green);
    Arrays.fill(planes, 24, 36, (byte) blue);
    return planes;
  }

  @Test
  void classesAndImagesAreInTheOrderOfTheirNames() {
    Imported imported = read();
    assertThat(imported.train().text("classes")).isEqualTo("[\"ant\",\"cat\"]");
    assertThat(imported.train().get("labels").longs()).containsExactly(0, 1, 1);
    assertThat(imported.test().get("labels").longs()).containsExactly(0, 1);
    byte[] train = imported.train().get("images").bytes();
    for (int i = 0; i < 3; i++) {
      assertThat(Arrays.copyOfRange(train, 36 * i, 36 * i + 36)).isEqualTo(planes(i, 0xA0, 0xB0));
    }
  }

  @Test
  void theDescriptionGivesTheOrder() {
    DataFiles.write(
        folder,
        "dataset.json",
        """
        {"name": "pets", "classes": ["cat", "ant"], "licence": "CC0", "source": "drawn by hand"}
        """);
    assertThat(read().train().get("labels").longs()).containsExactly(0, 0, 1);
    assertThat(read().train().text("name")).isEqualTo("pets");
    DataFiles.write(
        folder,
        "dataset.json",
        """
        {"name": "pets", "classes": ["cat", "dog"], "licence": "CC0", "source": "drawn by hand"}
        """);
    refused("'ant' is among one of them only");
  }

  @Test
  void pixelsKeepTheirPlaces() {
    BufferedImage image = DataFiles.image(BufferedImage.TYPE_INT_RGB, 4, 3, 0);
    image.setRGB(3, 1, 0x010203);
    byte[] expected = new byte[36];
    expected[7] = 1;
    expected[19] = 2;
    expected[31] = 3;
    assertThat(only(DataFiles.encoded("png", image))).isEqualTo(expected);
  }

  @Test
  void imagesWithoutColourBecomeOnePlaneIfAllAre() {
    for (String name : new String[] {"train/cat/b.png", "train/cat/a.PNG", "train/ant/z.png"}) {
      DataFiles.write(folder, name, grey(name.charAt(10)));
    }
    DataFiles.write(folder, "test/cat/c.png", grey(7));
    assertThat(read().train().get("images").shape()).containsExactly(3, 3, 3, 4);
    DataFiles.write(folder, "test/ant/d.png", grey(9));
    Tensor images = read().train().get("images");
    assertThat(images.shape()).containsExactly(3, 1, 3, 4);
    assertThat(images.bytes()).startsWith(new byte[] {'z', 'z'}).endsWith(new byte[] {'b', 'b'});
    assertThat(read().test().get("images").bytes()).startsWith(9, 9).endsWith(7, 7);
  }

  private static byte[] grey(int value) {
    var image = new BufferedImage(4, 3, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setSamples(0, 0, 4, 3, 0, values(value));
    return DataFiles.encoded("png", image);
  }

  private static int[] values(int value) {
    int[] values = new int[12];
    Arrays.fill(values, value);
    return values;
  }

  @Test
  void greyAmongColouredKeepsItsValues() {
    assertThat(only(grey(100))).isEqualTo(planes(100, 100, 100));
  }

  @Test
  void palettesTransparencyAndSixteenBitsAreRead() {
    var palette = DataFiles.image(BufferedImage.TYPE_BYTE_INDEXED, 4, 3, 0xFF3300);
    assertThat(only(DataFiles.encoded("png", palette))).isEqualTo(planes(0xFF, 0x33, 0));
    var clear = DataFiles.image(BufferedImage.TYPE_INT_ARGB, 4, 3, 0x40102030);
    assertThat(only(DataFiles.encoded("png", clear))).isEqualTo(planes(0x10, 0x20, 0x30));
    var deep = new BufferedImage(4, 3, BufferedImage.TYPE_USHORT_GRAY);
    deep.getRaster().setSamples(0, 0, 4, 3, 0, values(0x1280));
    assertThat(only(DataFiles.encoded("png", deep))).isEqualTo(planes(0x12, 0x12, 0x12));
    var ink = DataFiles.image(BufferedImage.TYPE_BYTE_BINARY, 4, 3, 0xFFFFFF);
    assertThat(only(DataFiles.encoded("png", ink))).isEqualTo(planes(255, 255, 255));
  }

  @Test
  void aJpegIsReadWhateverItIsCalled() {
    var grey = DataFiles.image(BufferedImage.TYPE_INT_RGB, 4, 3, 0x808080);
    assertThat(only(DataFiles.encoded("jpeg", grey))).isEqualTo(planes(128, 128, 128));
  }

  @Test
  void anImageOfAnotherSizeIsNamedWithBothSizes() {
    DataFiles.write(
        folder,
        "train/cat/b.png",
        DataFiles.encoded("png", DataFiles.image(BufferedImage.TYPE_INT_RGB, 5, 3, 0)));
    refused("b.png' is an image of 5×3 pixels; expected 4×3, as", "train/ant/z.png' is");
  }

  @Test
  void aHugeImageIsRefusedBeforeItIsDecoded() {
    DataFiles.write(
        folder,
        "train/ant/z.png",
        DataFiles.encoded("png", DataFiles.image(BufferedImage.TYPE_BYTE_BINARY, 1025, 1, 0)));
    refused("z.png' is an image of 1025×1 pixels; expected at most 1024");
  }

  @Test
  void aDamagedPngIsNamed() {
    byte[] whole = DataFiles.png(0x123456);
    for (int length : new int[] {9, 40, whole.length - 1}) {
      DataFiles.write(folder, "test/cat/c.png", Arrays.copyOf(whole, length));
      refused("test/cat/c.png' is damaged (it ends too early): fetch it again.");
    }
    byte[] flipped = whole.clone();
    flipped[45] ^= 4;
    DataFiles.write(folder, "test/cat/c.png", flipped);
    refused("test/cat/c.png' is damaged (a checksum within does not hold)");
  }

  @Test
  void aDamagedJpegIsNamed() {
    byte[] whole =
        DataFiles.encoded("jpeg", DataFiles.image(BufferedImage.TYPE_INT_RGB, 4, 3, 0x808080));
    DataFiles.write(folder, "test/cat/c.png", Arrays.copyOf(whole, whole.length - 1));
    refused("test/cat/c.png' is damaged (it ends too early)");
    byte[] empty = {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, (byte) 0xD9};
    DataFiles.write(folder, "test/cat/c.png", empty);
    refused("test/cat/c.png' is damaged (");
  }

  @Test
  void pixelsThatTheDecoderMadeUpAreRefused() {
    byte[] whole = DataFiles.encoded("jpeg", noise());
    byte[] shorter = Arrays.copyOf(whole, whole.length / 2);
    shorter[shorter.length - 2] = (byte) 0xFF;
    shorter[shorter.length - 1] = (byte) 0xD9;
    DataFiles.write(folder, "test/cat/c.png", shorter);
    refused("test/cat/c.png' is damaged (Corrupt JPEG data: premature end of data segment)");
  }

  private static BufferedImage noise() {
    var image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    var random = new Random(1);
    for (int i = 0; i < 64 * 64; i++) {
      image.setRGB(i % 64, i / 64, random.nextInt());
    }
    return image;
  }

  @Test
  void whatIsNoImageIsNamed() {
    DataFiles.write(folder, "test/cat/c.png", "GIF89a");
    refused("test/cat/c.png' is no image; expected PNG or JPEG.");
    DataFiles.write(folder, "test/cat/notes.txt", "cats");
    refused("test/cat/notes.txt' does not have the name of an image");
  }

  @Test
  void classesWithoutImagesAndUnknownOnesAreNamed(@TempDir Path other) {
    DataFiles.delete(folder, "train/ant/z.png");
    refused("train/ant' holds no image");
    DataFiles.write(folder, "train/ant/z.png", DataFiles.png(0));
    DataFiles.write(folder, "test/cats/c.png", DataFiles.png(0));
    refused("unknown class 'cats'; did you mean 'cat'?");
    DataFiles.write(other, "train/ant/z.png", DataFiles.png(0));
    DataFolder untested = DataFolder.open(other);
    assertThatThrownBy(() -> new ImageFolder().read(untested, new NoParameters()))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining("test' is missing");
  }
}
