"""Fit what a notice's layout and wording add to the model's judgement: the tables ``WEIGHTS`` of data/extract.py, data/commas.py and data/items.py."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..data import commas, extract, items
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


def fit_items(
    notices: Sequence[AnnotatedNotice], taxonomy: Taxonomy, config: BaselineConfig | None = None
) -> dict[str, float]:
    """Return the weights of ``items.FEATURES``, fitted by logistic regression on out-of-fold probabilities of ``notices``.

    A block is a row of findings where more of its neighbouring clauses lie in different marked findings than in the same.
    """
    tables: list[NDArray[np.float64]] = []
    targets: list[bool] = []
    for annotated, judge in _judged_by_others(notices, taxonomy, config or BaselineConfig()):
        text = annotated.notice.text
        by_block: dict[int, list[extract.Piece]] = defaultdict(list)
        for piece in extract.judged_pieces(annotated.notice, judge):
            by_block[id(piece.block)].append(piece)
        for pieces in by_block.values():
            block = pieces[0].block
            clauses = extract.stated_clauses(text, block, pieces) if block and block.form == "item" else []
            if block is None or len(clauses) < 2:
                continue
            marked = [_marked(annotated, piece) for piece in pieces if piece.accepted]
            known = [(a, b) for a, b in itertools.pairwise(marked) if a is not None and b is not None]
            if known:
                tables.append(items.item_features(block.style, clauses)[None])
                targets.append(2 * sum(a != b for a, b in known) > len(known))
    return _logistic_weights(items.FEATURES, tables, targets)


def _marked(annotated: AnnotatedNotice, piece: extract.Piece) -> int | None:
    """Return the index of the marked finding that ``piece`` lies in."""
    return next((i for i, f in enumerate(annotated.findings) if f.start < piece.end and piece.start < f.end), None)


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
