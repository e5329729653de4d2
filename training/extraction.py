"""How well the findings of annotated notices are found, cut and tagged."""

from __future__ import annotations

import itertools
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.corpus import AnnotatedNotice
from ..data.extract import extract
from ..models.base import Classifier

# A found text is the gold one from this similarity on; from the second on nothing is cut off and nothing attached.
_SAME, _TIGHT = 0.6, 0.9


@dataclass(frozen=True, slots=True)
class ExtractionScores:
    """Measures over the findings of whole notices.

    A gold finding is found where the text of an extracted one has a Dice similarity of character bigrams of at least 0.6 (0.9:
    ``boundary_f1``), each used once; ``end_to_end_f1`` wants the right primary label besides. ``auto_share``: extracted findings that
    ask for no review; ``auto_accuracy``: how many of those are findings with the right primary label (None if there are none).
    """

    notices: int
    findings: int
    precision: float
    recall: float
    f1: float
    boundary_f1: float
    end_to_end_f1: float
    auto_share: float
    auto_accuracy: float | None

    def summary(self) -> dict[str, Any]:
        """Return the numbers as plain data."""
        return {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(self).items()}


def evaluate_extraction(model: Classifier, notices: Sequence[AnnotatedNotice]) -> ExtractionScores:
    """Extract and tag the findings of ``notices`` with ``model`` and compare with the marked ones."""

    def judge(texts: Sequence[str], headings: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        judged = model.judge(texts, headings)
        return judged.finding, judged.scores

    gold = found = same = tight = right = 0
    auto: list[bool] = []
    for annotated in notices:
        text = annotated.notice.text
        spans, _ = extract(annotated.notice, judge)
        wanted = [text[f.start : f.end] for f in annotated.findings]
        got = [text[s.start : s.end] for s in spans]
        pairs = pair_texts(wanted, got, _SAME)
        gold, found = gold + len(wanted), found + len(got)
        same, tight = same + len(pairs), tight + len(pair_texts(wanted, got, _TIGHT))
        if not spans:
            continue
        judged = model.judge(got, [s.heading for s in spans])
        first = [model.labels[labels[0]] if labels else "" for labels in model.decisions.choose(judged.scores)]
        good = {j for i, j in pairs.items() if annotated.findings[i].labels[0] == first[j]}
        right += len(good)
        confidence = model.decisions.confidence(judged.scores, np.array([s.probability for s in spans]))
        sure = (confidence >= model.decisions.review_below) & ~np.array([s.doubtful for s in spans])
        auto += [j in good for j in np.flatnonzero(sure).tolist()]
    both = max(gold + found, 1)
    return ExtractionScores(
        len(notices),
        gold,
        same / max(found, 1),
        same / max(gold, 1),
        2 * same / both,
        2 * tight / both,
        2 * right / both,
        len(auto) / max(found, 1),
        sum(auto) / len(auto) if auto else None,
    )


def pair_texts(gold: Sequence[str], found: Sequence[str], least: float) -> dict[int, int]:
    """Pair gold with found texts, the most similar first, each once: {index of gold: index of found}."""
    wanted, got = [_bigrams(text) for text in gold], [_bigrams(text) for text in found]
    scored = sorted(((_dice(w, g), i, j) for i, w in enumerate(wanted) for j, g in enumerate(got)), reverse=True)
    taken: dict[int, int] = {}
    used: set[int] = set()
    for score, i, j in scored:
        if score >= least and i not in taken and j not in used:
            taken[i] = j
            used.add(j)
    return taken


def _bigrams(text: str) -> Counter[tuple[str, str]]:
    return Counter(itertools.pairwise(c for c in unicodedata.normalize("NFKC", text) if c.isalnum()))


def _dice(a: Counter[tuple[str, str]], b: Counter[tuple[str, str]]) -> float:
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0
