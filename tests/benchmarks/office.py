"""Feed one department's corrections back bit by bit: ``python -m tests.benchmarks.office [PICTURE.png]``.

The department's notices leave training. The model tags two thirds of them, a reviewer corrects what it gets wrong, and the corrections
are learnt in the order of the notices; the last third shows what that is worth on notices which nobody has corrected. Printed for
each weight (as how many bundled rows a correction counts): primary accuracy on that third, on the corrections themselves and on the
bundled test split, means over departments and orders. Once as the corpus labels, and once for an office that calls two things
otherwise (assets finance, safety internal control), where corrections contradict the bundled rows.
"""

import random
import statistics
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from xuntag.data.corpus import AnnotatedNotice, bundled, rows_of
from xuntag.data.rows import Row
from xuntag.models.base import Classifier
from xuntag.training.dataset import bundled_dataset
from xuntag.training.fit import fit_baseline

DEPARTMENTS = ("education", "company", "supervision")
# What the office that has its own way calls the categories of the corpus.
ITS_OWN_WAY = {"asset": "finance", "safety": "internal_control"}
WEIGHTS = (1.0, 2.0, 4.0, 8.0)
SHARES = (0.0, 0.25, 0.5, 1.0)
ORDERS = (1, 2)


def wrong(model: Classifier, rows: list[Row]) -> list[Row]:
    """Return the rows whose primary label the model does not give."""
    judged = model.judge([row.text for row in rows], [row.heading for row in rows])
    answers = model.decisions.choose(judged.scores, judged.primary)
    return [
        row
        for row, answer in zip(rows, answers, strict=True)
        if [model.labels[k] for k in answer[:1]] != [row.labels[0]]
    ]


def accuracy(model: Classifier, rows: list[Row]) -> float:
    """Return the share of rows with the right primary label."""
    return 1 - len(wrong(model, rows)) / len(rows) if rows else float("nan")


def findings(notices: list[AnnotatedNotice], renamed: dict[str, str] | None = None) -> list[Row]:
    """Return the labelled findings of the notices, in order, the primary label renamed where the office calls it otherwise."""
    rows = [row for annotated in notices for row in rows_of(annotated) if row.finding]
    if not renamed:
        return rows
    return [replace(row, labels=(renamed[row.labels[0]],) if row.labels[0] in renamed else row.labels) for row in rows]


Measured = dict[tuple[float, float], list[tuple[float, float, float, int]]]


def feed_back(renamed: dict[str, str]) -> Measured:
    """Return by weight and share of the corrections (unseen, corrected, test accuracy, corrections) of each run."""
    data = bundled_dataset()
    test = findings(list(bundled("test")))
    measured: Measured = defaultdict(list)
    for department in DEPARTMENTS:
        theirs = [annotated for annotated in bundled("train") if annotated.header.get("org_type") == department]
        left_out = {annotated.id for annotated in theirs}
        without = replace(data, train=[row for row in data.train if row.group not in left_out])
        before = fit_baseline(without).model
        for order in ORDERS:
            random.Random(order).shuffle(theirs)
            cut = 2 * len(theirs) // 3
            corrections = wrong(before, findings(theirs[:cut], renamed))
            unseen = findings(theirs[cut:], renamed)
            for weight in WEIGHTS:
                for share in SHARES:
                    learnt = [replace(row, weight=weight) for row in corrections[: round(share * len(corrections))]]
                    model = fit_baseline(replace(without, train=[*without.train, *learnt])).model if learnt else before
                    scores = accuracy(model, unseen), accuracy(model, learnt), accuracy(model, test)
                    measured[weight, share].append((*scores, len(learnt)))
    return measured


def main() -> None:
    """Print the tables; draw the first where a file is named."""
    for title, renamed in (("as the corpus labels", {}), ("an office with its own way", ITS_OWN_WAY)):
        measured = feed_back(renamed)
        print(f"{title}\n{'weight':>7}{'corrections':>13}{'unseen notices':>16}{'corrected':>11}{'test':>8}")
        for (weight, share), runs in sorted(measured.items()):
            unseen, corrected, test, n = (statistics.mean(values) for values in zip(*runs, strict=True))
            print(f"{weight:>7.0f}{n:>13.0f}{unseen:>16.3f}{corrected if share else float('nan'):>11.3f}{test:>8.3f}")
        if len(sys.argv) > 1 and not renamed:
            draw(measured, Path(sys.argv[1]))


def draw(measured: Measured, path: Path) -> None:
    """Draw accuracy on unseen notices over the number of corrections, one line a weight."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for weight in WEIGHTS:
        runs = [measured[weight, share] for share in SHARES]
        axes.plot(
            [statistics.mean(run[3] for run in several) for several in runs],
            [statistics.mean(run[0] for run in several) for several in runs],
            marker="o",
            label=f"weight {weight:.0f}",
        )
    axes.set_xlabel("corrections learnt")
    axes.set_ylabel("primary accuracy on the department's other notices")
    axes.legend()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
