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

    def judge(self, texts: Sequence[str], headings: Sequence[str] | None = None) -> Judgement:
        """Return the probabilities of ``texts``, normalised and not blank, with their headings where known."""
        ...


def extraction_judge(model: Classifier) -> Judge:
    """Return the part of ``model``'s judgement that extraction asks for."""

    def judge(texts: Sequence[str], headings: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        judged = model.judge(texts, headings)
        return judged.finding, judged.primary

    return judge
