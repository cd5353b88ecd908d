package dev.palimpsest.console.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Json;
import dev.palimpsest.storage.ForwardingStore;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.S3Settings;
import dev.palimpsest.storage.S3Store;
import dev.palimpsest.storage.Store;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.storage.server.EmbeddedS3;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Half a gigabyte on a real S3 server is looked at by a few hundred kilobytes of it. */
final class LargeArtifactTest {
  private static final long IMAGES = 50_000;
  private static final long IMAGE = 3 * 64 * 64;

  @TempDir Path folder;

  @Test
  void aPageOfImagesReadsItsRowsAndNoMore() throws IOException {
    var read = new AtomicLong();
    try (EmbeddedS3 server =
            EmbeddedS3.start(folder.resolve("s3"), "127.0.0.1", 0, "tester", "secret");
        Store store =
            counting(
                S3Store.connect(
                    new S3Settings(
                        server.endpoint(), "us-east-1", "palimpsest", "tester", "secret")),
                read)) {
      Reference large = sparse(folder.resolve("s3/palimpsest"));
      assertThat(large.bytes()).isGreaterThan(500_000_000);
      var artifacts = new StoredArtifacts(store, folder.resolve("cache"));
      assertThat(artifacts.present(large)).isTrue();

      TensorFile file = TensorFile.open(artifacts, large);
      var last = new ImageSheet.Choice(Optional.empty(), 782);
      ImageSheet sheet = ImageSheet.of(file, last);
      assertThat(sheet.total()).isEqualTo(IMAGES);
      assertThat(sheet.cells().getLast().place()).isEqualTo(49_999);
      assertThat(ImageSheet.picture(file, last).shape()).containsExactly(1, 3, 128, 512);

      long labels = 8 * IMAGES;
      long rows = 16 * IMAGE;
      assertThat(read.get()).isLessThan((1 << 14) + labels + rows + 1);
    }
  }

  /** Laid where the server keeps its objects; the elements are a hole. */
  private static Reference sparse(Path bucket) throws IOException {
    var header = Json.object();
    header.putObject("__metadata__").put("classes", "[\"one\"]");
    var labels = header.putObject("labels").put("dtype", "I64");
    labels.putArray("shape").add(IMAGES);
    labels.putArray("data_offsets").add(0).add(8 * IMAGES);
    var images = header.putObject("images").put("dtype", "U8");
    images.putArray("shape").add(IMAGES).add(3).add(64).add(64);
    images.putArray("data_offsets").add(8 * IMAGES).add(8 * IMAGES + IMAGES * IMAGE);
    byte[] text = Json.line(header).getBytes(StandardCharsets.UTF_8);
    Digest digest = Digest.of("large");
    Path blob =
        bucket.resolve("blobs/sha256").resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
    Files.createDirectories(blob.getParent());
    long bytes = 8 + text.length + 8 * IMAGES + IMAGES * IMAGE;
    try (FileChannel channel =
        FileChannel.open(
            blob,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      ByteBuffer start = ByteBuffer.allocate(8 + text.length).order(ByteOrder.LITTLE_ENDIAN);
      channel.write(start.putLong(text.length).put(text).flip());
      channel.write(ByteBuffer.allocate(1), bytes - 1);
    }
    return new Reference("dataset", digest, bytes, List.of());
  }

  private static Store counting(Store store, AtomicLong read) {
    return new ForwardingStore(store) {
      @Override
      public Optional<byte[]> read(String key, long offset, int length) {
        Optional<byte[]> bytes = super.read(key, offset, length);
        bytes.ifPresent(each -> read.addAndGet(each.length));
        return bytes;
      }

      @Override
      public Optional<InputStream> open(String key, long offset) {
        throw new AssertionError(key + " is read without an end");
      }
    };
  }
}
