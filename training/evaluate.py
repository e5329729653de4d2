"""How well a model tags rows whose labels are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.normalise import normalise
from ..data.rows import Row
from ..errors import DataError
from ..models.base import Classifier
from .dataset import target_matrix

NONE = "(none)"
_BINS = 15


@dataclass(frozen=True, slots=True)
class LabelScore:
    """Precision, recall and F1 of one label, with the number of gold rows that carry it."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The measures of a model on n findings.

    ``primary_accuracy``: share of rows whose first label is right; where a row has none, "none" is the right answer.
    ``exact_match``: the sets agree. ``micro_f1``, ``macro_f1``: over label decisions; macro over the labels that occur in gold or
    prediction. ``auto_share``: rows that ask for no review; ``auto_accuracy``: how many of those are right (None if there
    are none). ``calibration_error``: expected calibration error of the primary's probability in 15 bins of equal mass.
    ``finding_accuracy``: share of findings and other clauses told apart at 0.5, where the rows hold both.
    """

    n: int
    primary_accuracy: float
    primary_interval: tuple[float, float]
    exact_match: float
    micro_f1: float
    macro_f1: float
    auto_share: float
    auto_accuracy: float | None
    calibration_error: float
    finding_accuracy: float | None
    labels: tuple[LabelScore, ...] = ()
    groups: dict[str, float] = field(default_factory=dict)
    confusion: dict[tuple[str, str], int] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """Return the overall numbers as plain data."""
        return {
            "n": self.n,
            "primary_accuracy": round(self.primary_accuracy, 4),
            "primary_interval": [round(x, 4) for x in self.primary_interval],
            "exact_match": round(self.exact_match, 4),
            "micro_f1": round(self.micro_f1, 4),
            "macro_f1": round(self.macro_f1, 4),
            "auto_share": round(self.auto_share, 4),
            "auto_accuracy": None if self.auto_accuracy is None else round(self.auto_accuracy, 4),
            "calibration_error": round(self.calibration_error, 4),
            "finding_accuracy": None if self.finding_accuracy is None else round(self.finding_accuracy, 4),
        }


def evaluate(model: Classifier, rows: Sequence[Row]) -> Evaluation:
    """Tag ``rows`` with ``model`` as ``tag`` would, their headings given, and compare with their labels."""
    findings = [row for row in rows if row.finding]
    if not findings:
        raise DataError("There is no labelled row to evaluate on.")
    judged = model.judge([normalise(row.text) for row in findings], [row.heading for row in findings])
    chosen = model.decisions.choose(judged.scores, judged.primary)
    gold = target_matrix(findings, model.labels)
    given = np.zeros_like(gold)
    for number, labels in enumerate(chosen):
        given[number, list(labels)] = True
    first = [model.labels[labels[0]] if labels else NONE for labels in chosen]
    wanted = [row.labels[0] if row.labels else NONE for row in findings]
    right = np.array([a == b for a, b in zip(first, wanted, strict=True)])
    confidence = model.decisions.confidence(judged.scores, judged.primary)
    auto = confidence >= model.decisions.review_below
    hits, alarms, misses = (gold & given).sum(0), (~gold & given).sum(0), (gold & ~given).sum(0)
    per_label = [
        _label_score(label, *map(int, counts))
        for label, *counts in zip(model.labels, hits, alarms, misses, strict=True)
    ]
    occurring = [score.f1 for score, a, b, c in zip(per_label, hits, alarms, misses, strict=True) if a + b + c]
    confusion: dict[tuple[str, str], int] = {}
    for pair in zip(wanted, first, strict=True):
        confusion[pair] = confusion.get(pair, 0) + 1
    return Evaluation(
        len(findings),
        float(right.mean()),
        wilson(int(right.sum()), len(findings)),
        float((gold == given).all(axis=1).mean()),
        _f1(int(hits.sum()), int(alarms.sum()), int(misses.sum())),
        float(np.mean(occurring)) if occurring else 0.0,
        float(auto.mean()),
        float(right[auto].mean()) if auto.any() else None,
        calibration_error(confidence, right),
        _finding_accuracy(model, rows),
        tuple(per_label),
        _by_group(model, wanted, right),
        confusion,
    )


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share."""
    if n == 0:
        return 0.0, 1.0
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the expected calibration error in bins of equal mass."""
    order = np.argsort(confidence, kind="stable")
    bins = [part for part in np.array_split(order, _BINS) if len(part)]
    return float(sum(abs(confidence[part].mean() - right[part].mean()) * len(part) for part in bins) / len(order))


def _label_score(label: str, hits: int, alarms: int, misses: int) -> LabelScore:
    return LabelScore(
        label,
        hits / (hits + alarms) if hits + alarms else 0.0,
        hits / (hits + misses) if hits + misses else 0.0,
        _f1(hits, alarms, misses),
        hits + misses,
    )


def _f1(hits: int, alarms: int, misses: int) -> float:
    return 2 * hits / (2 * hits + alarms + misses) if hits else 0.0


def _finding_accuracy(model: Classifier, rows: Sequence[Row]) -> float | None:
    if all(row.finding for row in rows):
        return None
    judged = model.judge([row.text for row in rows], [row.heading for row in rows])
    return float(np.mean((judged.finding >= 0.5) == np.array([row.finding for row in rows])))


def _by_group(model: Classifier, wanted: Sequence[str], right: NDArray[np.bool_]) -> dict[str, float]:
    """Return the primary accuracy by group of the gold label."""
    known = model.taxonomy.by_id
    groups = np.array([known[label].group if label in known else "" for label in wanted])
    return {str(group): float(right[groups == group].mean()) for group in dict.fromkeys(groups.tolist()) if group}
