package dev.palimpsest.cli.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives that were made to do harm; each is refused and leaves nothing behind. */
final class ArchiveTest {
  private static final int LINK = 0120777;
  private static final Limits TIGHT = new Limits(10, 3 << 20, 4 << 20, 20);

  @TempDir Path folder;
  private Path file;
  private Path scratch;

  @BeforeEach
  void makeRoom() throws IOException {
    file = folder.resolve("made.zip");
    scratch = Files.createDirectory(folder.resolve("scratch"));
  }

  @AfterEach
  void nothingIsLeftBehind() {
    assertThat(scratch).isEmptyDirectory();
    assertThat(folder.resolve("evil")).doesNotExist();
    assertThat(folder.resolveSibling("evil")).doesNotExist();
  }

  /** Adds files to an archive. */
  private interface Filling {
    void fill(ZipArchiveOutputStream zip) throws IOException;
  }

  private void archive(Filling filling) throws IOException {
    try (var zip = new ZipArchiveOutputStream(file)) {
      filling.fill(zip);
    }
  }

  private static void add(ZipArchiveOutputStream zip, String name, byte[] bytes)
      throws IOException {
    add(zip, new ZipArchiveEntry(name), bytes);
  }

  private static void add(ZipArchiveOutputStream zip, ZipArchiveEntry entry, byte[] bytes)
      throws IOException {
    zip.putArchiveEntry(entry);
    zip.write(bytes);
    zip.closeArchiveEntry();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void refused(String sentence) {
    refused(sentence, Limits.USUAL);
  }

  private void refused(String sentence, Limits limits) {
    assertThatThrownBy(() -> Archive.unpack(file, limits, scratch))
        .isInstanceOf(Mistake.class)
        .hasMessageContaining(sentence)
        .hasMessageStartingWith("made.zip");
  }

  @Test
  void anHonestArchiveIsUnpackedWhetherStoredOrDeflated() throws IOException {
    archive(zip -> {
      add(zip, "run/", new byte[0]);
      add(zip, "run/b/two.txt", text("two"));
      zip.setMethod(ZipEntry.STORED);
      add(zip, "run/one.txt", text("one"));
    });
    try (Archive archive = Archive.unpack(file, TIGHT, scratch)) {
      assertThat(archive.files().keySet()).containsExactly("b/two.txt", "one.txt");
      assertThat(archive.files().values())
          .extracting(file -> Files.readString(file.path()))
          .containsExactly("two", "one");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "a/../../evil",
        "/tmp/evil",
        "a//b",
        "./a",
        "C:\\evil",
        "a\\..\\..\\evil",
        "a/.hidden",
        "a b",
        "line\nbreak",
        "~root/x",
        "a\u0000b",
        "ünïcode"
      })
  void aNameThatMayLeadOutOfTheArchiveIsRefused(String name) throws IOException {
    archive(zip -> add(zip, name, text("evil")));
    refused("has a name that may lead out of the archive");
  }

  @Test
  void aNameLongerThanAPathIsRefused() throws IOException {
    archive(zip -> add(zip, "a/".repeat(300) + "x", text("evil")));
    refused("has a name that may lead out");
  }

  @Test
  void aLinkIsRefused() throws IOException {
    archive(zip -> {
      var link = new ZipArchiveEntry("checkpoints");
      link.setUnixMode(LINK);
      add(zip, link, text("/etc"));
    });
    refused("'checkpoints' is a link or a device");
  }

  @Test
  void aDeviceIsRefused() throws IOException {
    archive(zip -> {
      var device = new ZipArchiveEntry("zero");
      device.setUnixMode(0020666);
      add(zip, device, new byte[0]);
    });
    refused("'zero' is a link or a device");
  }

  @Test
  void twoFilesOfOneNameAreRefused() throws IOException {
    archive(zip -> {
      add(zip, "run.json", text("one"));
      add(zip, "run.json", text("two"));
    });
    refused("'run.json' is there twice");
  }

  @Test
  void namesThatDifferInCapitalsAloneAreRefused() throws IOException {
    archive(zip -> {
      add(zip, "a/run.json", text("one"));
      add(zip, "A/Run.json", text("two"));
    });
    refused("differs from another in capitals alone");
  }

  @Test
  void aFileThatIsAlsoAFolderIsRefused() throws IOException {
    archive(zip -> {
      add(zip, "run", text("one"));
      add(zip, "run/a", text("two"));
    });
    refused("'run' is a file and a folder at once");
  }

  @Test
  void tooManyEntriesAreRefused() throws IOException {
    archive(zip -> {
      for (int i = 0; i <= Limits.USUAL.entries(); i++) {
        add(zip, "f" + i, new byte[0]);
      }
    });
    refused("has 10001 entries; expected at most 10000");
  }

  @Test
  void aFileThatIsTooLargeIsRefused() throws IOException {
    archive(zip -> {
      zip.setMethod(ZipEntry.STORED);
      add(zip, "big", new byte[(3 << 20) + 1]);
    });
    refused("'big' unpacks to 3145729 bytes; expected at most 3145728", TIGHT);
  }

  @Test
  void filesThatAreTooLargeTogetherAreRefused() throws IOException {
    archive(zip -> {
      zip.setMethod(ZipEntry.STORED);
      add(zip, "one", new byte[3 << 20]);
      add(zip, "two", new byte[(1 << 20) + 1]);
    });
    refused("unpacks to more than 4194304 bytes", TIGHT);
  }

  @Test
  void aBombThatUnpacksAThousandfoldIsRefused() throws IOException {
    archive(zip -> add(zip, "bomb", new byte[64 << 20]));
    refused("bytes to 67108864; expected at most 200 times as many");
  }

  @Test
  void manySmallBombsAreRefusedTogether() throws IOException {
    archive(zip -> {
      for (int i = 0; i < 100; i++) {
        add(zip, "bomb" + i, new byte[1 << 20]);
      }
    });
    refused("expected at most 200 times as many");
  }

  @Test
  void aFileLongerThanItsTableOfContentsSaysIsRefused() throws IOException {
    archive(zip -> add(zip, "liar", text("0123456789".repeat(100))));
    byte[] bytes = Files.readAllBytes(file);
    patchCentralSize(bytes, 10);
    Files.write(file, bytes);
    refused("'liar' goes on beyond the 10 bytes that the archive claims for it");
  }

  @Test
  void aFileShorterThanItsTableOfContentsSaysIsRefused() throws IOException {
    archive(zip -> add(zip, "liar", text("0123456789".repeat(100))));
    byte[] bytes = Files.readAllBytes(file);
    patchCentralSize(bytes, 2000);
    Files.write(file, bytes);
    refused("'liar' ends before the 2000 bytes that the archive claims for it");
  }

  /** Changes the unpacked size in the one entry of the archive's table of contents. */
  private static void patchCentralSize(byte[] zip, int size) {
    var buffer = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < zip.length - 46; i++) {
      if (buffer.getInt(i) == 0x02014b50) {
        buffer.putInt(i + 24, size);
        return;
      }
    }
    throw new IllegalStateException("no table of contents");
  }

  @Test
  void anEncryptedFileIsRefused() throws IOException {
    archive(zip -> add(zip, "secret", text("secret")));
    byte[] bytes = Files.readAllBytes(file);
    var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < bytes.length - 46; i++) {
      if (buffer.getInt(i) == 0x02014b50) {
        buffer.putShort(i + 8, (short) (buffer.getShort(i + 8) | 1));
      }
    }
    Files.write(file, bytes);
    refused("is encrypted or packed in an unusual way");
  }

  @Test
  void anArchiveThatIsCutShortIsRefused() throws IOException {
    archive(zip -> add(zip, "run.json", text("{}".repeat(1000))));
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 30));
    refused("is damaged or no zip archive");
    Files.write(file, text("PK\u0003\u0004 and nothing else"));
    refused("is damaged or no zip archive");
  }
}
