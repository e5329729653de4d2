"""Fit what turns margins into answers: calibration, thresholds and the review rule, on rows the classifier has not seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.stats import beta

from ..data.rows import Row
from ..models.decisions import Decisions
from ..models.tfidf import Calibration, Margins, lead_of, sigmoid, softmax
from .dataset import Dataset, target_matrix

_GRID = np.round(np.arange(0.10, 0.91, 0.02), 2)
# Rows of belief in the common threshold when a label's own is fitted: a label with ten rows hardly moves.
_PRIOR_ROWS = 5.0
_CONFIDENCE = 0.90


def fit_calibration(margins: Margins, rows: Sequence[Row], labels: Sequence[str]) -> Calibration:
    """Fit Platt scaling of labels and findings, and the softmax of the primary label, on margins of held-out rows."""
    finding = np.array([row.finding for row in rows])
    targets = target_matrix(rows, labels)[finding].astype(float)
    inner = margins.labels[finding]
    slope, lead, bias = _logistic([inner.ravel(), lead_of(inner).ravel()], targets.ravel())
    labelled = np.array([row.finding and bool(row.labels) for row in rows])
    first = np.array([labels.index(row.labels[0]) for row in rows if row.finding and row.labels])
    # Without rows that are no findings there is nothing to detect, and every text is one.
    detector = _logistic([margins.finding], finding.astype(float)) if not finding.all() else (0.0, 40.0)
    return Calibration(
        float(slope),
        float(lead),
        float(bias),
        _fit_softmax(margins.primary[labelled], first),
        (float(detector[0]), float(detector[1])),
    )


def _fit_softmax(margins: NDArray[np.float64], first: NDArray[np.int64]) -> float:
    """Return the factor of the primary margins (n, K) under which the right first labels ``first`` (n,) are likeliest.

    Temperature scaling (Guo et al. 2017). The label margins would add nothing: fitted beside it on dev, their factor is 0.
    """
    rows = np.arange(len(first))

    def loss(factor: float) -> float:
        return float(-np.log(np.maximum(softmax(factor * margins)[rows, first], 1e-12)).sum())

    return float(minimize_scalar(loss, bounds=(0.05, 50.0), method="bounded").x) if len(first) else 1.0


def _logistic(inputs: Sequence[NDArray[np.float64]], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights and the bias of a logistic regression with a weak ridge on the weights."""
    x = np.stack([*inputs, np.ones_like(target)], axis=1)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = x @ weights
        gradient = x.T @ (sigmoid(z) - target) + 0.01 * weights
        return float(np.sum(np.logaddexp(0, z) - target * z) + 0.005 * weights @ weights), gradient

    start = np.zeros(x.shape[1])
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x)


def fit_decisions(
    calibration: Calibration, margins: Margins, rows: Sequence[Row], data: Dataset, promise: float
) -> Decisions:
    """Fit thresholds by label and the review rule on margins of held-out rows."""
    finding = np.array([row.finding for row in rows])
    judged = calibration.judge(margins)
    targets = target_matrix(rows, data.taxonomy.ids)
    thresholds = _thresholds(judged.scores[finding], judged.primary[finding], targets[finding], data.allow_none)
    undecided = Decisions(tuple(float(t) for t in thresholds), data.allow_none, data.max_labels, promise=promise)
    # As on extracted findings: what the detector lets through counts, and a clause that is no finding is an error.
    through = np.flatnonzero(finding | (judged.finding >= 0.5))
    scores, primary = judged.scores[through], judged.primary[through]
    right = np.array(
        [
            rows[i].finding and [data.taxonomy.ids[k] for k in labels[:1]] == list(rows[i].labels[:1])
            for i, labels in zip(through.tolist(), undecided.choose(scores, primary), strict=True)
        ]
    )
    cut, kept = review_cut(undecided.confidence(scores, primary, judged.finding[through]), right, promise)
    return Decisions(undecided.thresholds, data.allow_none, data.max_labels, cut, promise, (len(through), kept))


def _thresholds(
    scores: NDArray[np.float64], primary: NDArray[np.float64], targets: NDArray[np.bool_], allow_none: bool
) -> NDArray[np.float64]:
    """Return the threshold of each label that maximises F1, drawn towards the one that maximises micro F1 of all."""
    top = primary == primary.max(axis=1, keepdims=True)
    counts = []  # (T, 3, K): hits, false alarms, misses at each threshold
    for threshold in _GRID:
        given = scores >= threshold
        if not allow_none:
            given = given | top
        counts.append(np.stack([(given & targets).sum(0), (given & ~targets).sum(0), (~given & targets).sum(0)]))
    table = np.array(counts, float)
    pooled = table.sum(axis=2)
    pooled_rate = pooled / max(targets.sum(), 1) * _PRIOR_ROWS
    smoothed = table + pooled_rate[:, :, None]
    f1 = 2 * smoothed[:, 0] / np.maximum(2 * smoothed[:, 0] + smoothed[:, 1] + smoothed[:, 2], 1e-9)
    return np.asarray(_GRID[f1.argmax(axis=0)])


def review_cut(confidence: NDArray[np.float64], right: NDArray[np.bool_], promise: float) -> tuple[float, int]:
    """Return the lowest cut that keeps the promise, and how many rows lie above it.

    The cut is where the one-sided 90 % Clopper–Pearson lower bound of the share of right answers above it reaches
    ``promise``; 1.1 (everything is reviewed) where no cut does.
    """
    order = np.argsort(-confidence, kind="stable")
    hits = np.cumsum(right[order])
    total = np.arange(1, len(order) + 1)
    bound = np.where(hits > 0, beta.ppf(1 - _CONFIDENCE, np.maximum(hits, 1), total - hits + 1), 0.0)
    # Rows of equal confidence fall on the same side of any cut.
    ends = np.append(confidence[order][1:] < confidence[order][:-1], True)
    good = np.flatnonzero((bound >= promise) & ends)
    if not len(good):
        return 1.1, 0
    last = int(good[-1])
    return float(confidence[order][last]), last + 1
