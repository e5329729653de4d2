"""Pictures of an evaluation for MLflow and the documentation, labelled by category id so that any font shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .evaluate import NONE, Evaluation

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def confusion_picture(evaluation: Evaluation) -> Figure:
    """Return the confusion matrix of the primary label, rows gold and columns predicted, as counts on row shares."""
    from matplotlib.figure import Figure

    seen = {label for pair in evaluation.confusion for label in pair}
    order = [score.label for score in evaluation.labels if score.label in seen] + ([NONE] if NONE in seen else [])
    counts = np.array([[evaluation.confusion.get((gold, given), 0) for given in order] for gold in order])
    side = 2.5 + 0.36 * len(order)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
    for row, column in np.argwhere(counts):
        share = counts[row, column] / counts[row].sum()
        axes.text(
            column,
            row,
            str(counts[row, column]),
            ha="center",
            va="center",
            fontsize=7,
            color="white" if share > 0.5 else "black",
        )
    axes.set_xticks(range(len(order)), order, rotation=90, fontsize=8)
    axes.set_yticks(range(len(order)), order, fontsize=8)
    axes.set_xlabel("predicted primary")
    axes.set_ylabel("gold primary")
    axes.set_title(f"Primary label, n = {evaluation.n}, accuracy {evaluation.primary_accuracy:.3f}")
    return figure


def label_picture(evaluation: Evaluation) -> Figure:
    """Return precision and recall of each label as paired bars, with the number of gold rows."""
    from matplotlib.figure import Figure

    scores = [score for score in evaluation.labels if score.support or score.precision]
    figure = Figure(figsize=(8, 1.5 + 0.34 * len(scores)), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(scores))
    axes.barh(places - 0.2, [s.precision for s in scores], height=0.38, label="precision", color="#3b6ea8")
    axes.barh(places + 0.2, [s.recall for s in scores], height=0.38, label="recall", color="#d98b3a")
    axes.set_yticks(places, [f"{s.label} (n={s.support})" for s in scores], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.grid(axis="x", alpha=0.3)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.06), ncols=2, frameon=False)
    axes.set_title(f"Precision and recall by label, n = {evaluation.n}", pad=24)
    return figure
