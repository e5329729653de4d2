"""What every classifier of xuntag answers, whatever it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..data.commas import Judge
from ..data.taxonomy import Taxonomy
from .decisions import Decisions


@dataclass(frozen=True, slots=True)
class Judgement:
    """The probabilities of n texts.

    ``scores`` (n, K): calibrated probability that each label applies, columns in the order of the labels. ``primary`` (n, K): the
    probability that it is what the text is about; rows sum to 1. ``finding`` (n,): probability that the text states a finding at all.
    """

    scores: NDArray[np.float64]
    primary: NDArray[np.float64]
    finding: NDArray[np.float64]


class Classifier(Protocol):
    """A loaded model. ``judge`` may be called from several threads at once."""

    kind: str
    name: str
    labels: tuple[str, ...]
    taxonomy: Taxonomy
    decisions: Decisions

    @property
    def detects_findings(self) -> bool:
        """False where the training data held nothing but findings, so that it cannot tell whether a clause states one."""
        ...

    def judge(self, texts: Sequence[str], headings: Sequence[str] | None = None) -> Judgement:
        """Return the probabilities of ``texts``, normalised and not blank, with their headings where known."""
        ...


def extraction_judge(model: Classifier, detector: Classifier | None = None) -> Judge:
    """Return the part of ``model``'s judgement that extraction asks for; ``detector`` says in its stead what states a finding."""

    def judge(texts: Sequence[str], headings: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        judged = model.judge(texts, headings)
        finding = detector.judge(texts, headings).finding if detector else judged.finding
        return finding, judged.primary

    return judge
