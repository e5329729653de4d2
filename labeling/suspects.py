"""Rank labelled rows by how likely their labels are wrong.

Every row is judged by a baseline that has seen no row of its notice. A row is the more suspect, the further the best label it does
not carry lies above the least likely one that it carries: confident learning's normalised margin (Northcutt, Jiang and Chuang 2021)
for rows with several labels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..data.rows import Row
from ..data.taxonomy import Taxonomy
from ..training.baseline import BaselineConfig, fit_linear
from ..training.calibration import fit_calibration
from ..training.dataset import folds_by_group


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row with the label that the model would give it, and its margin in [-1, 1]; the lower, the more suspect."""

    index: int
    row: Row
    suggested: str
    margin: float


def rank_suspects(
    rows: Sequence[Row],
    taxonomy: Taxonomy,
    config: BaselineConfig | None = None,
    progress: Callable[[float], None] | None = None,
) -> list[Suspect]:
    """Return the labelled findings among ``rows``, the most suspect first.

    Rows without a label and clauses that are no findings are judged against but not ranked.
    """
    config = config or BaselineConfig()
    ranked: list[Suspect] = []
    folds = folds_by_group(rows, config.folds, config.seed)
    for number, (kept, left) in enumerate(folds):
        model = fit_linear([rows[i] for i in kept], taxonomy, config, "fold")
        held_out = [rows[i] for i in left]
        margins = model.margins([row.text for row in held_out], [row.heading for row in held_out])
        scores = fit_calibration(margins, held_out, taxonomy.ids).judge(margins).scores
        for index, row, probabilities in zip(left.tolist(), held_out, scores, strict=True):
            if row.finding and row.labels:
                given = [taxonomy.ids.index(label) for label in row.labels]
                others = probabilities.copy()
                others[given] = -1.0
                best = int(others.argmax())
                # A doubtful second label is a smaller matter than a wrong first one.
                least = min(probabilities[given[0]], *(0.5 + 0.5 * probabilities[k] for k in given[1:]), 1.0)
                ranked.append(Suspect(index, row, taxonomy.ids[best], float(least - others[best])))
        if progress:
            progress((number + 1) / len(folds))
    return sorted(ranked, key=lambda suspect: suspect.margin)


def share_found(ranked: Sequence[Suspect], wrong: set[int], first: float = 0.1) -> float:
    """Return the share of the rows ``wrong`` that lie in the ``first`` part of the ranking."""
    looked_at = ranked[: int(np.ceil(first * len(ranked)))]
    return sum(suspect.index in wrong for suspect in looked_at) / max(len(wrong), 1)
