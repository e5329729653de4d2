"""Fit what the layout of a notice adds to the model's judgement (the table ``WEIGHTS`` of data/extract.py)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..data.corpus import AnnotatedNotice, rows_of
from ..data.extract import FEATURES, layout_features, pieces_of
from ..data.taxonomy import Taxonomy
from .baseline import BaselineConfig, fit_linear
from .calibration import fit_calibration
from .dataset import folds_by_group


def fit_layout(
    notices: Sequence[AnnotatedNotice], taxonomy: Taxonomy, config: BaselineConfig | None = None
) -> dict[str, float]:
    """Return the weights of ``FEATURES``, fitted by logistic regression on out-of-fold probabilities of ``notices``.

    A title that leads in to findings is worded like one and is left out of the fit.
    """
    from sklearn.linear_model import LogisticRegression

    config = config or BaselineConfig()
    rows = [row for annotated in notices for row in rows_of(annotated)]
    tables: list[NDArray[np.float64]] = []
    targets: list[bool] = []
    kept: list[bool] = []
    for train, left in folds_by_group(rows, config.folds, config.seed):
        model = fit_linear([rows[i] for i in train], taxonomy, config, "fold")
        held_out = [rows[i] for i in left]
        margins = model.margins([row.text for row in held_out], [row.heading for row in held_out])
        calibration = fit_calibration(margins, held_out, taxonomy.ids)
        groups = {row.group for row in held_out}
        for annotated in notices:
            pieces = pieces_of(annotated.notice)
            if annotated.id not in groups or not pieces:
                continue
            text = annotated.notice.text
            judged = model.margins([text[p.start : p.end] for p in pieces], [p.heading for p in pieces])
            tables.append(layout_features(pieces, calibration.judge(judged).finding, annotated.notice.kind))
            gold = [(f.start, f.end) for f in annotated.findings]
            parents = {
                id(p.block.parent) for p in pieces if p.block and any(a < p.end and p.start < b for a, b in gold)
            }
            for piece in pieces:
                inside = any(2 * (min(piece.end, b) - max(piece.start, a)) >= piece.end - piece.start for a, b in gold)
                targets.append(inside)
                kept.append(inside or id(piece.block) not in parents)
    mask = np.array(kept)
    model_ = LogisticRegression(C=1.0, fit_intercept=False, max_iter=500).fit(
        np.vstack(tables)[mask], np.array(targets)[mask]
    )
    return {name: round(float(weight), 2) for name, weight in zip(FEATURES, model_.coef_[0], strict=True)}
