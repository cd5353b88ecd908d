package dev.palimpsest.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  private static final int N = 40;
  private static final int C = 2;
  private static final int H = 5;
  private static final int W = 7;

  /** Every pixel has a value of its own. */
  private static float[] pixels() {
    float[] pixels = new float[N * C * H * W];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i + 1;
    }
    return pixels;
  }

  private static float[] augmented(Augmentation augmentation, long seed) {
    try (Compute compute = Compute.open("cpu", 1);
        Scope scope = Scope.open()) {
      NDArray images = compute.manager().create(pixels(), new Shape(N, C, H, W));
      return augmentation.apply(images, Randomness.of(seed).stream("augment")).toFloatArray();
    }
  }

  private static float at(float[] pixels, int n, int c, int i, int j) {
    return i < 0 || i >= H || j < 0 || j >= W ? 0 : pixels[((n * C + c) * H + i) * W + j];
  }

  /** The shift and mirroring that explain an image, as a text; fails if none does. */
  private static String explanation(float[] before, float[] after, int n, int padding) {
    for (int down = -padding; down <= padding; down++) {
      for (int right = -padding; right <= padding; right++) {
        for (boolean mirrored : new boolean[] {false, true}) {
          if (explains(before, after, n, down, right, mirrored)) {
            return down + " " + right + " " + mirrored;
          }
        }
      }
    }
    throw new AssertionError("image " + n + " is no crop of the original");
  }

  private static boolean explains(
      float[] before, float[] after, int n, int down, int right, boolean mirrored) {
    for (int c = 0; c < C; c++) {
      for (int i = 0; i < H; i++) {
        for (int j = 0; j < W; j++) {
          int column = (mirrored ? W - 1 - j : j) + right;
          if (at(after, n, c, i, j) != at(before, n, c, i + down, column)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  @Test
  void everyImageIsACropOfItsZeroPaddedSelfMirroredOrNot() {
    float[] before = pixels();
    float[] after = augmented(new Augmentation(2, true), 1);
    var seen = new HashSet<String>();
    for (int n = 0; n < N; n++) {
      seen.add(explanation(before, after, n, 2));
    }
    assertThat(seen).hasSizeGreaterThan(20);
    assertThat(seen).anyMatch(text -> text.endsWith("true"));
    assertThat(seen).anyMatch(text -> text.endsWith("false"));
  }

  @Test
  void withoutFlipNothingIsMirroredAndWithoutPaddingNothingMoves() {
    float[] before = pixels();
    float[] cropped = augmented(new Augmentation(1, false), 1);
    float[] flipped = augmented(new Augmentation(0, true), 1);
    for (int n = 0; n < N; n++) {
      assertThat(explanation(before, cropped, n, 1)).endsWith("false");
      assertThat(explanation(before, flipped, n, 0)).startsWith("0 0");
    }
    assertThat(augmented(Augmentation.NONE, 1)).isEqualTo(before);
  }

  @Test
  void theSameStreamGivesTheSameImages() {
    var augmentation = new Augmentation(2, true);
    assertThat(augmented(augmentation, 1)).isEqualTo(augmented(augmentation, 1));
    assertThat(augmented(augmentation, 1)).isNotEqualTo(augmented(augmentation, 2));
  }
}
