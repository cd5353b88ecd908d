package dev.palimpsest.cli.bundle;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * The files of a zip archive from anywhere, unpacked into a folder of this machine's own.
 *
 * <p>They lie there under numbers: no name of the archive ever becomes a path. Until it is closed.
 */
final class Archive implements AutoCloseable {
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*/?");
  private static final int LONGEST_NAME = 512;
  private static final int CHUNK = 1 << 18;

  private final String what;
  private final Limits limits;
  private final Path folder;
  private final SortedMap<String, Unpacked> files = new TreeMap<>();

  private Archive(String what, Limits limits, Path folder) {
    this.what = what;
    this.limits = limits;
    this.folder = folder;
  }

  /** A file of the archive, where it lies now. */
  record Unpacked(Path path, Digest digest, long bytes) {}

  /**
   * Unpacks an archive that keeps the limits; nothing is unpacked of one whose table of contents
   * does not.
   *
   * @param scratch where its folder is made
   * @throws Mistake naming the file of the archive that is at fault, and why
   */
  static Archive unpack(Path file, Limits limits, Path scratch) {
    String what = file.getFileName().toString();
    Path folder;
    try {
      folder = Files.createTempDirectory(scratch, "palimpsest-import-");
    } catch (IOException e) {
      throw unwritable(what, e);
    }
    // Where Ctrl-C ends the process, nothing closes this.
    folder.toFile().deleteOnExit();
    var archive = new Archive(what, limits, folder);
    try {
      archive.unpack(file);
      return archive;
    } catch (IOException e) {
      archive.close();
      throw new Mistake(
          what + " is damaged or no zip archive (" + e.getMessage() + "); fetch it again.", e);
    } catch (RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  /** The files by name, without the folder that they all lie in. */
  SortedMap<String, Unpacked> files() {
    return Collections.unmodifiableSortedMap(files);
  }

  private void unpack(Path file) throws IOException {
    try (ZipFile zip = ZipFile.builder().setPath(file).get()) {
      // In the order of the archive's table of contents; the table is checked as a whole first.
      var entries = Collections.list(zip.getEntries());
      long total = checkTable(entries, Files.size(file));
      checkRoom(total);
      String root = root(entries);
      for (ZipArchiveEntry entry : entries) {
        if (!entry.isDirectory()) {
          String name = entry.getName().substring(root.length());
          files.put(name, unpack(zip, entry, folder.resolve(Integer.toString(files.size()))));
        }
      }
    }
  }

  private long checkTable(List<ZipArchiveEntry> entries, long archiveBytes) {
    if (entries.size() > limits.entries()) {
      throw new Mistake(
          what + " has " + entries.size() + " entries; expected at most " + limits.entries() + ".");
    }
    var seen = new HashSet<String>();
    long total = 0;
    for (ZipArchiveEntry entry : entries) {
      checkName(entry, seen);
      checkKind(entry);
      long bytes = entry.getSize();
      if (bytes < 0 || bytes > limits.fileBytes()) {
        throw at(entry, "unpacks to " + bytes + " bytes; expected at most " + limits.fileBytes());
      }
      total += bytes;
      if (total > limits.totalBytes()) {
        throw new Mistake(
            what + " unpacks to more than " + limits.totalBytes() + " bytes, the most allowed.");
      }
      if (bytes > Limits.SMALL && bytes / limits.ratio() > entry.getCompressedSize()) {
        throw at(entry, tight(bytes, entry.getCompressedSize()));
      }
    }
    // Entries may share their packed bytes: the archive's own size tells.
    if (total > Limits.SMALL && total / limits.ratio() > archiveBytes) {
      throw new Mistake(what + " " + tight(total, archiveBytes) + ".");
    }
    Set<String> folders = folders(entries);
    for (ZipArchiveEntry entry : entries) {
      if (!entry.isDirectory() && folders.contains(lower(entry.getName()))) {
        throw at(entry, "is a file and a folder at once");
      }
    }
    return total;
  }

  private String tight(long bytes, long packed) {
    return "unpacks "
        + packed
        + " bytes to "
        + bytes
        + "; expected at most "
        + limits.ratio()
        + " times as many";
  }

  private void checkName(ZipArchiveEntry entry, Set<String> seen) {
    String name = entry.getName();
    if (name.length() > LONGEST_NAME || !NAME.matcher(name).matches()) {
      throw at(
          entry,
          "has a name that may lead out of the archive; expected letters, digits, '.', '_' and"
              + " '-', parted by single slashes");
    }
    if (!seen.add(lower(name))) {
      throw at(entry, "is there twice, or differs from another in capitals alone");
    }
  }

  private void checkKind(ZipArchiveEntry entry) {
    int kind = entry.getUnixMode() & 0170000;
    boolean plain = kind == 0 || kind == (entry.isDirectory() ? 0040000 : 0100000);
    if (!plain || entry.isUnixSymlink()) {
      throw at(entry, "is a link or a device; expected plain files");
    }
    boolean readable =
        entry.getMethod() == ZipEntry.STORED || entry.getMethod() == ZipEntry.DEFLATED;
    if (!readable || entry.getGeneralPurposeBit().usesEncryption()) {
      throw at(entry, "is encrypted or packed in an unusual way; expected stored or deflated");
    }
  }

  private static Set<String> folders(List<ZipArchiveEntry> entries) {
    var folders = new TreeSet<String>();
    for (ZipArchiveEntry entry : entries) {
      String name = lower(entry.getName());
      for (int slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
        folders.add(name.substring(0, slash));
      }
    }
    return folders;
  }

  /** The folder that every entry lies in, with its slash; empty if there is none. */
  private static String root(List<ZipArchiveEntry> entries) {
    var roots = new TreeSet<String>();
    entries.forEach(entry -> {
      int slash = entry.getName().indexOf('/');
      roots.add(slash < 0 ? "" : entry.getName().substring(0, slash + 1));
    });
    return roots.size() == 1 ? roots.first() : "";
  }

  private void checkRoom(long total) throws IOException {
    long room = Files.getFileStore(folder).getUsableSpace();
    if (total > room) {
      throw new Failure(
          what
              + " unpacks to "
              + total
              + " bytes and the disk of "
              + folder.getParent()
              + " has room for "
              + room
              + "; make room, or name a folder elsewhere with -Djava.io.tmpdir in"
              + " JAVA_TOOL_OPTIONS.");
    }
  }

  /** Unpacks one file; its table of contents may lie about its size, so the bytes are counted. */
  private Unpacked unpack(ZipFile zip, ZipArchiveEntry entry, Path to) throws IOException {
    to.toFile().deleteOnExit();
    MessageDigest digest = Digest.algorithm();
    long bytes = 0;
    byte[] chunk = new byte[CHUNK];
    try (InputStream in = zip.getInputStream(entry);
        OutputStream out = Files.newOutputStream(to)) {
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        bytes += read;
        if (bytes > entry.getSize()) {
          break;
        }
        digest.update(chunk, 0, read);
        write(out, chunk, read);
      }
    }
    if (bytes != entry.getSize()) {
      throw at(
          entry,
          (bytes > entry.getSize() ? "goes on beyond the " : "ends before the ")
              + entry.getSize()
              + " bytes that the archive claims for it");
    }
    return new Unpacked(to, Digest.of(digest), bytes);
  }

  private void write(OutputStream out, byte[] chunk, int length) {
    try {
      out.write(chunk, 0, length);
    } catch (IOException e) {
      throw unwritable(what, e);
    }
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private Mistake at(ZipArchiveEntry entry, String fault) {
    String name = entry.getName().replaceAll("[^ -~]", "?");
    return new Mistake(
        what
            + ": '"
            + (name.length() > 100 ? name.substring(0, 99) + "…" : name)
            + "' "
            + fault
            + "; nothing was imported.");
  }

  private static Failure unwritable(String what, IOException e) {
    return new Failure(
        what
            + " cannot be unpacked into this machine's folder for temporary files ("
            + e.getMessage()
            + "); expected room there.",
        e);
  }

  @Override
  public void close() {
    try (var all = Files.list(folder)) {
      all.forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      // The system empties its folder for temporary files.
    }
    folder.toFile().delete();
  }
}
