"""Label what `xuntag label suggest` chooses, beside random choice: ``python -m tests.benchmarks.suggest [PICTURE.png]``.

Both start from the same random findings of the training split, and choose the rest of it in batches; after each, a baseline is
trained and measured on the test split and the strangers. Three draws. Printed is how many rows each needs for the same macro F1.
"""

import random
import statistics
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from xuntag.data.corpus import bundled, load_annotated, rows_of
from xuntag.data.taxonomy import health
from xuntag.labeling.suggest import suggest
from xuntag.training.baseline import BaselineConfig, train_baseline
from xuntag.training.dataset import Dataset
from xuntag.training.evaluate import evaluate

FIRST, BATCH, LAST = 200, 200, {"suggested": 2200, "random": 3400}
DRAWS = 3


def findings(notices):
    """Return the labelled findings of the notices."""
    return [row for annotated in notices for row in rows_of(annotated) if row.finding]


def main():
    """Print the curves and what they say of each other; draw them where a file is named."""
    pool, dev = findings(bundled("train")), findings(bundled("dev"))
    strangers = load_annotated(Path(__file__).resolve().parents[1] / "strangers", health())
    held_out = findings([*bundled("test"), *strangers])
    curves = {name: defaultdict(list) for name in LAST}
    for draw in range(DRAWS):
        for name, last in LAST.items():
            shuffled = random.Random(draw)
            chosen = shuffled.sample(range(len(pool)), FIRST)
            while True:
                rows = [pool[i] for i in chosen]
                model = train_baseline(
                    Dataset(rows, dev, [], health(), "draw", "", False, 3), BaselineConfig(seed=draw)
                )
                curves[name][len(chosen)].append(evaluate(model, held_out).macro_f1)
                if len(chosen) >= last:
                    break
                taken = set(chosen)
                left = [i for i in range(len(pool)) if i not in taken]
                if name == "random":
                    chosen += shuffled.sample(left, BATCH)
                else:
                    texts, headings = [pool[i].text for i in left], [pool[i].heading for i in left]
                    chosen += [left[i] for i in suggest(model, texts, headings, BATCH, draw)]
    means = {name: {n: statistics.mean(scores) for n, scores in curve.items()} for name, curve in curves.items()}
    print(f"{'rows':>6}{'suggested':>11}{'random':>9}{'random needs':>14}{'share':>8}")
    sizes, scores = zip(*sorted(means["random"].items()), strict=True)
    for n, score in means["suggested"].items():
        # Where the random curve reaches the same score, between its points.
        needs = float(np.interp(score, np.maximum.accumulate(scores), sizes)) if score <= max(scores) else float("nan")
        print(f"{n:>6}{score:>11.4f}{means['random'][n]:>9.4f}{needs:>14.0f}{n / needs:>8.0%}")
    if len(sys.argv) > 1:
        draw_curves(means, Path(sys.argv[1]))


def draw_curves(means, path):
    """Draw macro F1 over the number of labelled rows."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for name, curve in means.items():
        axes.plot(list(curve), list(curve.values()), marker="o", label=name)
    axes.set_xlabel("labelled findings")
    axes.set_ylabel("macro F1 on test and strangers")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
