#!/usr/bin/env python3
"""Cuts the class-balanced subset of Fashion-MNIST that this study uses.

    python3 cut.py FOLDER_WITH_THE_FULL_IDX_FILES [OUTPUT_FOLDER]

Keeps the first 600 training and the first 100 test images of each class, in the
order of the full set. Writes gzip files without time or name, and SHA256SUMS.
Needs only Python's standard library.
"""

import gzip
import hashlib
import struct
import sys
from pathlib import Path

CLASSES = 10
PARTS = {"train": 600, "t10k": 100}

# SHA-256 of the files as published, so that the subset is always cut from the same images.
PUBLISHED = {
    "train-images-idx3-ubyte.gz": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
    "train-labels-idx1-ubyte.gz": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
    "t10k-images-idx3-ubyte.gz": "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
    "t10k-labels-idx1-ubyte.gz": "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
}


def read(folder, name):
    path = folder / name
    if not path.is_file():
        sys.exit(f"{path} is missing: expected the full Fashion-MNIST set as IDX files.")
    packed = path.read_bytes()
    digest = hashlib.sha256(packed).hexdigest()
    if digest != PUBLISHED[name]:
        sys.exit(f"{path} is not the published file: SHA-256 {digest}, expected {PUBLISHED[name]}.")
    return gzip.decompress(packed)


def first_of_each_class(labels, count):
    """Positions of the first `count` items of each class, ascending."""
    taken = [0] * CLASSES
    kept = []
    for position, label in enumerate(labels):
        if taken[label] < count:
            taken[label] += 1
            kept.append(position)
    return kept


def write(folder, name, content):
    with open(folder / name, "wb") as raw:
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=raw, mtime=0) as packed:
            packed.write(content)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    source = Path(sys.argv[1])
    target = Path(sys.argv[2]) if len(sys.argv) == 3 else Path(__file__).parent
    for part, count in PARTS.items():
        images = read(source, f"{part}-images-idx3-ubyte.gz")
        labels = read(source, f"{part}-labels-idx1-ubyte.gz")
        _, _, rows, columns = struct.unpack(">4I", images[:16])
        size = rows * columns
        kept = first_of_each_class(labels[8:], count)
        write(
            target,
            f"{part}-images-idx3-ubyte.gz",
            struct.pack(">4I", 0x803, len(kept), rows, columns)
            + b"".join(images[16 + i * size : 16 + (i + 1) * size] for i in kept),
        )
        write(
            target,
            f"{part}-labels-idx1-ubyte.gz",
            struct.pack(">2I", 0x801, len(kept)) + bytes(labels[8 + i] for i in kept),
        )
    sums = "".join(
        f"{hashlib.sha256((target / name).read_bytes()).hexdigest()}  {name}\n"
        for name in sorted(PUBLISHED)
    )
    (target / "SHA256SUMS").write_text(sums)


if __name__ == "__main__":
    main()
