"""How well the findings of annotated notices are found, cut and tagged."""

from __future__ import annotations

import itertools
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.corpus import AnnotatedNotice
from ..data.extract import extract
from ..models.base import Classifier, extraction_judge
from ..models.decisions import Decisions
from .calibration import review_cut

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


@dataclass(frozen=True, slots=True)
class ExtractedFindings:
    """What a model makes of n notices: counts, and for each finding that the layout does not doubt its confidence and rightness."""

    gold: int
    found: int
    same: int
    tight: int
    right: int
    confidence: NDArray[np.float64]
    is_right: NDArray[np.bool_]


def extract_all(model: Classifier, notices: Sequence[AnnotatedNotice]) -> ExtractedFindings:
    """Extract and tag the findings of ``notices`` as ``tag_notice`` would, and pair them with the marked ones."""
    judge = extraction_judge(model)
    gold = found = same = tight = right = 0
    confidence: list[float] = []
    is_right: list[bool] = []
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
        first = [
            model.labels[labels[0]] if labels else ""
            for labels in model.decisions.choose(judged.scores, judged.primary)
        ]
        good = {j for i, j in pairs.items() if annotated.findings[i].labels[0] == first[j]}
        right += len(good)
        sure = model.decisions.confidence(judged.scores, judged.primary, np.array([s.probability for s in spans]))
        for index, span in enumerate(spans):
            if not span.doubtful:
                confidence.append(float(sure[index]))
                is_right.append(index in good)
    return ExtractedFindings(gold, found, same, tight, right, np.array(confidence), np.array(is_right, np.bool_))


def evaluate_extraction(model: Classifier, notices: Sequence[AnnotatedNotice]) -> ExtractionScores:
    """Measure how well the findings of ``notices`` are found, cut and tagged by ``model``."""
    result = extract_all(model, notices)
    both = max(result.gold + result.found, 1)
    auto = result.is_right[result.confidence >= model.decisions.review_below]
    return ExtractionScores(
        len(notices),
        result.gold,
        result.same / max(result.found, 1),
        result.same / max(result.gold, 1),
        2 * result.same / both,
        2 * result.tight / both,
        2 * result.right / both,
        len(auto) / max(result.found, 1),
        float(auto.mean()) if len(auto) else None,
    )


def promise_on_extracted(model: Classifier, notices: Sequence[AnnotatedNotice]) -> Decisions:
    """Return the model's decisions with the review rule fitted on what it extracts from held-out ``notices``.

    A finding that is none, or is cut wrong beyond recognition, counts as an error, as it does for whoever relies on the promise.
    """
    result = extract_all(model, notices)
    cut, kept = review_cut(result.confidence, result.is_right, model.decisions.promise)
    return replace(model.decisions, review_below=cut, promised_on=(len(result.confidence), kept))


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
