"""Tell a numbered finding with its details from a numbered heading with a row of findings behind it.

（一）学习不深入。2021年全年集中学习4次，笔记雷同。 is one finding; （一）贯彻决策部署方面。学习不深入；药品采购不规范；…… are several. Both are a
number, a sentence and more sentences; how many there are, how they end and whether they give figures tells them apart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .commas import CONVENTIONAL_END

# Log-odds that a block of several accepted clauses is a row of findings, fitted by logistic regression on the training notices
# (``training.layout.fit_items`` returns this table). In cross-validation by notice 0.970 of 527 blocks are told right; a rule that
# counted semicolons told 0.934.
WEIGHTS: dict[str, float] = {
    "bias": 0.38,
    "section": 2.04,
    "many": 3.51,
    "figures": -2.85,
    "ends": 1.53,
    "length": -1.6,
}
FEATURES = tuple(WEIGHTS)

_SECTION_STYLES = ("part", "chapter", "section", "bullet")
_FIGURE = re.compile(r"\d")


def item_features(style: str, clauses: Sequence[str]) -> NDArray[np.float64]:
    """Return (F,), columns as ``FEATURES``, of a block of the numbering ``style`` and its at least two accepted ``clauses``."""
    details = clauses[1:]
    told = {
        "bias": 1.0,
        "section": float(style in _SECTION_STYLES),
        "many": math.log(len(clauses)),
        "figures": float(np.mean([bool(_FIGURE.search(clause)) for clause in details])),
        "ends": float(np.mean([bool(CONVENTIONAL_END.search(clause)) for clause in details])),
        "length": float(np.mean([math.log(len(clause)) for clause in details])),
    }
    return np.array([told[name] for name in FEATURES])


def is_row_of_findings(style: str, clauses: Sequence[str]) -> bool:
    """Tell whether the accepted ``clauses`` of a numbered block are findings of their own rather than one with its details."""
    return len(clauses) >= 2 and float(item_features(style, clauses) @ np.array(list(WEIGHTS.values()))) > 0
