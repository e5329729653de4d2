"""Fit what a notice's layout and commas add to the model's judgement: the tables ``WEIGHTS`` of data/extract.py and data/commas.py."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..data import commas, extract
from ..data.commas import Judge
from ..data.corpus import AnnotatedNotice, rows_of
from ..data.taxonomy import Taxonomy
from ..models.base import extraction_judge
from .baseline import BaselineConfig, fit_linear
from .calibration import fit_calibration
from .dataset import folds_by_group


def fit_layout(
    notices: Sequence[AnnotatedNotice], taxonomy: Taxonomy, config: BaselineConfig | None = None
) -> dict[str, float]:
    """Return the weights of ``extract.FEATURES``, fitted by logistic regression on out-of-fold probabilities of ``notices``.

    A title that leads in to findings is worded like one and is left out of the fit.
    """
    tables: list[NDArray[np.float64]] = []
    targets: list[bool] = []
    for annotated, judge in _judged_by_others(notices, taxonomy, config or BaselineConfig()):
        pieces = extract.pieces_of(annotated.notice)
        if not pieces:
            continue
        text = annotated.notice.text
        finding, _ = judge([text[p.start : p.end] for p in pieces], [p.heading for p in pieces])
        gold = [(f.start, f.end) for f in annotated.findings]
        parents = {id(p.block.parent) for p in pieces if p.block and any(a < p.end and p.start < b for a, b in gold)}
        inside = [any(2 * (min(p.end, b) - max(p.start, a)) >= p.end - p.start for a, b in gold) for p in pieces]
        kept = np.array([found or id(p.block) not in parents for p, found in zip(pieces, inside, strict=True)])
        tables.append(extract.layout_features(pieces, finding, annotated.notice.kind)[kept])
        targets += np.array(inside)[kept].tolist()
    return _logistic_weights(extract.FEATURES, tables, targets)


def fit_commas(
    notices: Sequence[AnnotatedNotice], taxonomy: Taxonomy, config: BaselineConfig | None = None
) -> dict[str, float]:
    """Return the weights of ``commas.FEATURES``, fitted by logistic regression on out-of-fold probabilities of ``notices``."""
    tables: list[NDArray[np.float64]] = []
    targets: list[bool] = []
    for annotated, judge in _judged_by_others(notices, taxonomy, config or BaselineConfig()):
        text = annotated.notice.text
        statements = extract.running_statements(annotated.notice, judge)
        found = commas.commas_of(text, statements)
        if not found:
            continue
        table = commas.comma_features(text, statements, found, judge)
        stated = commas.both_stated(table)
        tables.append(table[stated])
        for comma in itertools.compress(found, stated):
            ends = any(comma.left[0] < f.end <= comma.right[0] for f in annotated.findings)
            starts = any(comma.left[1] <= f.start <= comma.right[0] + 1 for f in annotated.findings)
            targets.append(ends and starts)
    return _logistic_weights(commas.FEATURES, tables, targets)


def _judged_by_others(
    notices: Sequence[AnnotatedNotice], taxonomy: Taxonomy, config: BaselineConfig
) -> Iterator[tuple[AnnotatedNotice, Judge]]:
    """Yield each notice with the judgement of a classifier that was trained without it."""
    rows = [row for annotated in notices for row in rows_of(annotated)]
    for train, left in folds_by_group(rows, config.folds, config.seed):
        model = fit_linear([rows[i] for i in train], taxonomy, config, "fold")
        held_out = [rows[i] for i in left]
        margins = model.margins([row.text for row in held_out], [row.heading for row in held_out])
        model.calibration = fit_calibration(margins, held_out, taxonomy.ids)
        groups = {row.group for row in held_out}
        judge = extraction_judge(model)
        for annotated in notices:
            if annotated.id in groups:
                yield annotated, judge


def _logistic_weights(
    features: Sequence[str], tables: Sequence[NDArray[np.float64]], targets: Sequence[bool]
) -> dict[str, float]:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1.0, fit_intercept=False, max_iter=5000).fit(np.vstack(tables), np.array(targets))
    return {name: round(float(weight), 2) for name, weight in zip(features, fitted.coef_[0], strict=True)}
