"""Teach the baseline what an office corrected, and put it into use only if it is not worse for it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from ..data.corrections import Correction, settled
from ..data.rows import Row
from ..errors import DataError
from ..models.base import Classifier
from ..models.home import load_model, model_folder
from ..training import tracking
from ..training.baseline import BaselineConfig
from ..training.dataset import Dataset, bundled_dataset, with_corrections
from ..training.fit import fit_baseline, save_model
from ..training.promote import promote

# Corrections are kept back in so many parts, whole notices at a time.
_FOLDS = 3
_SIGNIFICANT = 0.05
_FINDING = 0.5


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a model learnt from an office's corrections.

    ``taught`` decisions, ``changed`` of them other than the model's answer and the rest confirmed; of the taught ``right_before`` and ``right_after`` are answered as corrected by the model in use and by the
    new one, ``right_untaught`` by a model without any correction and ``right_unseen`` by models that had learnt from the other
    notices' corrections only. ``test_before`` and ``test_after``: right primary labels among ``test`` held-out rows. ``name``: the
    model put into use, None where it would be worse.
    """

    taught: int
    changed: int
    right_before: int
    right_after: int
    right_untaught: int
    right_unseen: int
    test: int
    test_before: int
    test_after: int
    name: str | None

    def summary(self) -> str:
        """Return in Chinese what changed."""
        lines = [
            f"本单位改正 {self.changed} 处"
            + (f"、认可 {self.taught - self.changed} 处" if self.taught > self.changed else "")
            + f"，其中 {self.right_after} 处今后能自动判对（原来判对 {self.right_before} 处）。",
            f"留出检验：把一份通报的改正留着不学，只学其他通报的，{self.taught} 处中判对 {self.right_unseen} 处；什么都不学判对 {self.right_untaught} 处。",
            f"自带测试集 {self.test} 条：原来判对 {self.test_before} 条，现在 {self.test_after} 条。",
            f"已启用新模型 {self.name}。"
            if self.name
            else "新模型不如现用模型，没有启用；改正已保存，可再积累一些后重试。",
        ]
        return "\n".join(lines)


def learn(
    corrections: Sequence[Correction],
    current: Path,
    track: bool = True,
    progress: Callable[[float], None] | None = None,
) -> Learnt:
    """Train the baseline on the bundled corpus and the settled ``corrections``; put it into use if it is not worse than ``current``.

    It is worse where it answers fewer corrections as corrected than ``current`` does; where, of the corrections kept back, it answers
    fewer than a model that has learnt from none; or where significantly fewer rows of the test split are right (one-sided sign test
    on the rows on which the two differ, 5 %).

    Raises
    ------
    DataError
        If there is nothing to learn, or a correction names a category that the taxonomy does not have.

    """
    taught = settled(corrections)
    if not taught:
        raise DataError(
            "There is no correction to learn from. Change categories in the workbook, save it and hand it in again."
        )
    told = progress or (lambda _share: None)
    base = bundled_dataset()
    in_use = load_model(current)
    unseen = _right_unseen(base, taught, lambda share: told(0.6 * share))
    untaught = _as_corrected(fit_baseline(base, BaselineConfig()).model, taught)
    told(0.8)
    fitted = fit_baseline(with_corrections(base, taught), BaselineConfig(), name="office")
    told(0.95)
    right_before, right_after = (_as_corrected(model, taught) for model in (in_use, fitted.model))
    before, after = (_right_primaries(model, base.test) for model in (in_use, fitted.model))
    worse = (
        right_after.sum() < right_before.sum() or unseen.sum() < untaught.sum() or _significantly_fewer(before, after)
    )
    name = None
    if not worse:
        folder = model_folder("office")
        if track and tracking.available():
            tracking.record(fitted, folder)
        else:
            save_model(fitted, folder)
        name = promote(str(folder), force=True).name
    told(1.0)
    return Learnt(
        len(taught),
        sum(correction.changes for correction in taught),
        int(right_before.sum()),
        int(right_after.sum()),
        int(untaught.sum()),
        int(unseen.sum()),
        len(before),
        int(before.sum()),
        int(after.sum()),
        name,
    )


def _right_unseen(base: Dataset, taught: Sequence[Correction], progress: Callable[[float], None]) -> NDArray[np.bool_]:
    """Return (n,) whether a model that has not seen the correction's notice answers as corrected."""
    notices = sorted({correction.notice for correction in taught})
    random.Random(BaselineConfig().seed).shuffle(notices)
    parts = [notices[start::_FOLDS] for start in range(min(_FOLDS, len(notices)))]
    right = np.zeros(len(taught), np.bool_)
    for number, part in enumerate(parts, 1):
        left = [i for i, correction in enumerate(taught) if correction.notice in part]
        kept = [correction for correction in taught if correction.notice not in part]
        model = fit_baseline(with_corrections(base, kept), BaselineConfig()).model
        right[left] = _as_corrected(model, [taught[i] for i in left])
        progress(number / len(parts))
    return right


def _as_corrected(model: Classifier, corrections: Sequence[Correction]) -> NDArray[np.bool_]:
    """Return (n,) whether ``model`` answers as the reviewer decided: the same set of labels with the same first, or no finding."""
    judged = model.judge([c.text for c in corrections], [c.heading for c in corrections])
    answers = model.decisions.choose(judged.scores, judged.primary)
    return np.array(
        [
            (sure < _FINDING)
            if not correction.finding
            else correction.labels[:1] == tuple(model.labels[k] for k in answer[:1])
            and set(correction.labels) == {model.labels[k] for k in answer}
            for correction, answer, sure in zip(corrections, answers, judged.finding.tolist(), strict=True)
        ],
        np.bool_,
    )


def _right_primaries(model: Classifier, rows: Sequence[Row]) -> NDArray[np.bool_]:
    rows = [row for row in rows if row.finding]
    judged = model.judge([row.text for row in rows], [row.heading for row in rows])
    answers = model.decisions.choose(judged.scores, judged.primary)
    return np.array(
        [
            [model.labels[k] for k in answer[:1]] == list(row.labels[:1])
            for row, answer in zip(rows, answers, strict=True)
        ],
        np.bool_,
    )


def _significantly_fewer(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> bool:
    lost, gained = int((before & ~after).sum()), int((after & ~before).sum())
    return lost > gained and binomtest(lost, lost + gained, alternative="greater").pvalue < _SIGNIFICANT
