package dev.palimpsest.cli.bundle;

/**
 * The most that an archive may hold; one that holds more was made to do harm, or by mistake.
 *
 * @param entries files and folders
 * @param fileBytes of one file, unpacked
 * @param totalBytes of all files, unpacked
 * @param ratio bytes unpacked for each byte of the archive; deflate itself reaches 1,030
 */
record Limits(int entries, long fileBytes, long totalBytes, int ratio) {
  /** Far beyond a run of a hundred large networks. */
  static final Limits USUAL = new Limits(10_000, 16L << 30, 64L << 30, 200);

  /** What is smaller may be packed as tightly as it likes. */
  static final long SMALL = 1 << 20;
}
