"""Print how primary accuracy and macro F1 grow with the number of training findings: ``python -m tests.benchmarks.learning_curve``."""

import random
import statistics
from pathlib import Path

from xuntag.data.corpus import bundled, load_annotated, rows_of
from xuntag.data.taxonomy import health
from xuntag.training.baseline import BaselineConfig, train_baseline
from xuntag.training.dataset import Dataset
from xuntag.training.evaluate import evaluate

SIZES = (100, 300, 1000, 3000, 6000)
DRAWS = 3


def drawn(notices, size, seed):
    """Return the rows of whole notices in random order until they hold ``size`` findings; None takes all."""
    order = list(notices)
    random.Random(seed).shuffle(order)
    rows, findings = [], 0
    for annotated in order:
        if size is not None and findings >= size:
            break
        rows += rows_of(annotated)
        findings += len(annotated.findings)
    return rows


def main():
    """Train on each size three times and print the means on dev, test and strangers."""
    train = bundled("train")
    held_out = {
        "dev": bundled("dev"),
        "test": bundled("test"),
        "strangers": load_annotated(Path(__file__).resolve().parents[1] / "strangers", health()),
    }
    rows = {name: [row for annotated in notices for row in rows_of(annotated)] for name, notices in held_out.items()}
    print(f"{'findings':>9}" + "".join(f"{name + ' primary':>19}{'macro F1':>10}" for name in rows))
    per_label = {}
    for size in (*SIZES, None):
        scores = {name: [] for name in rows}
        for draw in range(DRAWS if size else 1):
            kept = drawn(train, size, draw)
            data = Dataset(kept, rows["dev"], [], health(), "draw", "", False, 3)
            model = train_baseline(data, BaselineConfig(seed=draw))
            for name in rows:
                scores[name].append(evaluate(model, rows[name]))
        line = f"{sum(r.finding for r in kept):>9}"
        for found in scores.values():
            primary = [e.primary_accuracy for e in found]
            spread = f" ±{statistics.stdev(primary):.3f}" if len(primary) > 1 else ""
            line += (
                f"{f'{statistics.mean(primary):.3f}{spread}':>19}{statistics.mean(e.macro_f1 for e in found):>10.3f}"
            )
        print(line, flush=True)
        both = [e for name in ("test", "strangers") for e in scores[name]]
        per_label[size] = {
            label: statistics.mean(next(s.f1 for s in e.labels if s.label == label) for e in both)
            for label in health().ids
        }
    print("\nF1 by category on test and strangers, gain of the last step in points")
    last, before = per_label[None], per_label[SIZES[-1]]
    for label in sorted(health().ids, key=lambda k: last[k]):
        print(f"{label:<22}{last[label]:>7.3f}{100 * (last[label] - before[label]):>+7.1f}")


if __name__ == "__main__":
    main()
