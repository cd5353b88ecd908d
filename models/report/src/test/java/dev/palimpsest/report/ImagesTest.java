package dev.palimpsest.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.tensors.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ImagesTest {
  private static BufferedImage decode(byte[] png) {
    try {
      return ImageIO.read(new ByteArrayInputStream(png));
    } catch (IOException e) {
      throw new AssertionError("not a PNG", e);
    }
  }

  @Test
  void aColourImageReadsBackPixelForPixel() {
    Tensor images = Samples.poisoned(Samples.images(3, 3));
    byte[] pixels = images.bytes();
    BufferedImage image = decode(Png.of(images, 1));
    assertThat(image.getWidth()).isEqualTo(28);
    for (int y = 0; y < 28; y++) {
      for (int x = 0; x < 28; x++) {
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          rgb = (rgb << 8) | Byte.toUnsignedInt(pixels[((3 + c) * 28 + y) * 28 + x]);
        }
        assertThat(image.getRGB(x, y) & 0xffffff).isEqualTo(rgb);
      }
    }
  }

  @Test
  void aGreyImageKeepsItsShapeAndValues() {
    byte[] pixels = {0, 50, (byte) 200, (byte) 255, 7, 8};
    BufferedImage image = decode(Png.of(Tensor.of(pixels, 1, 1, 2, 3), 0));
    assertThat(image.getWidth()).isEqualTo(3);
    assertThat(image.getHeight()).isEqualTo(2);
    int[] found = image.getRaster().getPixels(0, 0, 3, 2, (int[]) null);
    assertThat(found).containsExactly(0, 50, 200, 255, 7, 8);
  }

  @Test
  void anImageBeyondOneStoredBlockReadsBack() {
    byte[] pixels = new byte[300 * 400];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) ((i * 31) >> 3);
    }
    BufferedImage image = decode(Png.of(Tensor.of(pixels, 1, 1, 300, 400), 0));
    int[] found = image.getRaster().getPixels(0, 0, 400, 300, (int[]) null);
    for (int i = 0; i < pixels.length; i++) {
      assertThat(found[i]).isEqualTo(Byte.toUnsignedInt(pixels[i]));
    }
  }

  @Test
  void whatHoldsNoImagesIsRefused() {
    assertThatThrownBy(() -> Png.of(Tensor.of(new byte[8], 1, 2, 2, 2), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("U8[1, 2, 2, 2] holds no images");
    assertThatThrownBy(() -> Png.of(Tensor.of(new float[4], 1, 1, 2, 2), 0))
        .hasMessageContaining("F32[1, 1, 2, 2] holds no images");
  }

  @Test
  void theDifferenceIsAmplifiedAndEndsAtWhite() {
    Tensor a = Tensor.of(new byte[] {10, (byte) 250, 0, 100}, 1, 1, 2, 2);
    Tensor b = Tensor.of(new byte[] {13, (byte) 240, (byte) 200, 100}, 1, 1, 2, 2);
    assertThat(ContactSheet.difference(a, b, 4).bytes()).containsExactly(12, 40, 255, 0);
  }

  @Test
  void aSheetHoldsEveryImageOfEveryRowPixelated() {
    Tensor images = Samples.images(13, 1);
    NodeList found =
        FigureTest.parse(Samples.sheet(images).svg(Theme.LIGHT)).getElementsByTagName("image");
    assertThat(found.getLength()).isEqualTo(3 * 13);
    // The first block holds ten images of each of three rows, so the eleventh comes thirty-first.
    Element eleventh = (Element) found.item(30);
    assertThat(eleventh.getAttribute("image-rendering")).isEqualTo("pixelated");
    byte[] png =
        Base64.getDecoder()
            .decode(eleventh.getAttribute("href").replace("data:image/png;base64,", ""));
    assertThat(png).isEqualTo(Png.of(images, 10));
  }

  @Test
  void rowsOfDifferentSizesAreRefused() {
    var one = new ContactSheet.Row("one", Samples.images(2, 1));
    var other = new ContactSheet.Row("other", Samples.images(3, 1));
    assertThatThrownBy(() -> new ContactSheet("", "", List.of(one, other)))
        .hasMessageContaining("row 'other' has shape [3, 1, 28, 28]; expected [2, 1, 28, 28]");
    assertThatThrownBy(() -> new ContactSheet.Row("r", Samples.images(2, 1), List.of("a")))
        .hasMessageContaining("1 captions for 2 images");
  }
}
