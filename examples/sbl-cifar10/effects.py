"""What each part of SBL changes: effects.py REPORT/compare-tableBySeed.csv

Every line compares ways to train that differ in one part, with the same seed. The differences of
the ASR after a defence, in percentage points, are averaged for each seed; a line has the mean and
the standard deviation over the seeds, and in brackets how many of all pairs lie above 0.
"""

import csv
import statistics
import sys

SEQUENTIAL = ["naive", "EWC", "anchoring"]
ORDERS = ["conventional", "task 1 alone", *SEQUENTIAL]
WAYS = ["SAM", "SAM, decay", "SGD", "SGD, decay"]
PREFIX = "ASR after: "


def lines():
    """Pairs of ways to train, by what the line is called."""
    yield (
        "no weight decay, against decay",
        [(f"{order}: {way}", f"{order}: {way}, decay") for order in ORDERS for way in WAYS[::2]],
    )
    for suffix in ("", ", decay"):
        yield (
            f"SAM, against SGD, {'with' if suffix else 'without'} decay",
            [(f"{order}: SAM{suffix}", f"{order}: SGD{suffix}") for order in ORDERS],
        )
    for order in SEQUENTIAL:
        for base in ("conventional", "task 1 alone"):
            yield f"{order}, against {base}", [(f"{order}: {way}", f"{base}: {way}") for way in WAYS]
    for order in SEQUENTIAL[1:]:
        yield f"{order}, against naive", [(f"{order}: {way}", f"naive: {way}") for way in WAYS]
    baseline = "conventional: SGD, decay"
    for way in ["conventional: SAM", "conventional: SGD", "EWC: SAM", "EWC: SAM, decay"]:
        yield f"{way}, against {baseline}", [(way, baseline)]


def main(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = {(row["backdoor"], row["seed"]): row for row in csv.DictReader(file)}
    columns = [name for name in next(iter(rows.values())) if name.startswith(PREFIX)]
    seeds = sorted({seed for _, seed in rows})
    missing = {way for _, pairs in lines() for pair in pairs for way in pair} - {
        way for way, _ in rows
    }
    if missing or len(seeds) < 2:
        sys.exit(
            f"{path} lacks {', '.join(sorted(missing)) or 'a second seed'};"
            " expected the table of a whole run of examples/sbl-cifar10."
        )
    print("| | pairs | " + " | ".join(c.removeprefix(PREFIX).removesuffix(" (%)") for c in columns) + " |")
    print("|---|---:|" + "---:|" * len(columns))
    for name, pairs in lines():
        cells = []
        for column in columns:
            apart = {
                seed: [
                    float(rows[one, seed][column]) - float(rows[other, seed][column])
                    for one, other in pairs
                ]
                for seed in seeds
            }
            means = [statistics.mean(values) for values in apart.values()]
            above = sum(value > 0 for values in apart.values() for value in values)
            cells.append(f"{statistics.mean(means):+.1f} ± {statistics.stdev(means):.1f} ({above})")
        print(f"| {name} | {len(pairs) * len(seeds)} | " + " | ".join(cells).replace("-", "−") + " |")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("effects.py takes one file: the compare-tableBySeed.csv of a report of this study.")
    main(sys.argv[1])
