"""What each part of SBL changes, seed by seed: effects.py REPORT/compare-tableBySeed.csv

Every line compares two ways to train that differ in one part, over all pairs of the study: the
mean and standard deviation of the differences of the ASR after a defence, in percentage points,
and how many of them are above 0.
"""

import csv
import statistics
import sys

ORDERS = ["task 1 alone", "naive", "EWC", "anchoring"]
SHARPNESS = ["SAM", "SGD"]
WAYS = [f"{sharpness}{decay}" for sharpness in SHARPNESS for decay in ("", ", decay")]


def pairs(differing):
    """Each pair of ways to train, by what the line is called."""
    return {
        "no weight decay in task 1, against decay": [
            (f"{order}: {sharpness}", f"{order}: {sharpness}, decay")
            for order in ORDERS
            for sharpness in SHARPNESS
        ],
        "SAM in task 1, against SGD, without decay": [
            (f"{order}: SAM", f"{order}: SGD") for order in ORDERS
        ],
        "SAM in task 1, against SGD, with decay": [
            (f"{order}: SAM, decay", f"{order}: SGD, decay") for order in ORDERS
        ],
        **{
            f"{learner}, against task 1 alone": [
                (f"{learner}: {way}", f"task 1 alone: {way}") for way in WAYS
            ]
            for learner in ORDERS[1:]
        },
        **{
            f"{learner}, against naive": [
                (f"{learner}: {way}", f"naive: {way}") for way in WAYS
            ]
            for learner in ORDERS[2:]
        },
        **{
            f"{way}, against conventional": [(way, "conventional")]
            for way in differing
            if way != "conventional"
        },
        "EWC: SAM, against conventional, SAM": [("EWC: SAM", "conventional, SAM")],
    }


def main(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    measures = [name for name in rows[0] if name.startswith("ASR after: ")]
    asr = {(row["backdoor"], row["seed"]): row for row in rows}
    seeds = sorted({row["seed"] for row in rows})
    ways = list(dict.fromkeys(row["backdoor"] for row in rows))
    shown = [name.removeprefix("ASR after: ").removesuffix(" (%)") for name in measures]
    print("| | pairs | " + " | ".join(shown) + " |")
    print("|---|---:|" + "---:|" * len(shown))
    for name, compared in pairs(ways).items():
        cells = []
        for measure in measures:
            differences = [
                float(asr[one, seed][measure]) - float(asr[other, seed][measure])
                for one, other in compared
                for seed in seeds
            ]
            mean, spread = statistics.mean(differences), statistics.stdev(differences)
            above = sum(difference > 0 for difference in differences)
            cells.append(f"{mean:+.1f} ± {spread:.1f} ({above})")
        print(f"| {name} | {len(differences)} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("effects.py takes one file: the compare-tableBySeed.csv of a report of this study.")
    main(sys.argv[1])
