"""From probabilities to answers: which labels a text gets, and whether a person should look."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError


@dataclass(frozen=True, slots=True)
class Decisions:
    """Thresholds and the review rule, as fitted on held-out rows and stored with the model.

    thresholds : a further label is given from this probability on, one per label.
    allow_none : a text may get no label at all (the training data had such rows); then the first label needs its
        threshold too.
    max_labels : the most labels that a text gets.
    review_below : a person should look where the confidence (the probability that the primary label is right, times that of being
        a finding for an extracted one) is below this; above 1 everything is reviewed.
    promise : the share of right primary labels promised among those that ask for no review.
    promised_on : n of the held-out rows that the rule was fitted on, and how many of them asked for no review.
    """

    thresholds: tuple[float, ...]
    allow_none: bool = False
    max_labels: int = 3
    review_below: float = 1.1
    promise: float = 0.97
    promised_on: tuple[int, int] = (0, 0)

    def choose(self, scores: NDArray[np.float64], primary: NDArray[np.float64]) -> list[tuple[int, ...]]:
        """Return for each row of ``scores`` and ``primary`` (n, K) the indexes of its labels, primary first."""
        above = scores >= np.asarray(self.thresholds)
        if self.allow_none:
            first = np.where(above, primary, -1.0).argmax(axis=1)
        else:
            # The first label is given whatever its probability.
            first = primary.argmax(axis=1)
            above[np.arange(len(scores)), first] = True
        counts = above.sum(axis=1)
        # Most rows get one label: no need to rank the others.
        chosen: list[tuple[int, ...]] = list(zip(first.tolist(), strict=True))
        for row in np.flatnonzero(counts != 1).tolist():
            if not counts[row]:
                chosen[row] = ()
                continue
            further = np.flatnonzero(above[row])
            further = further[further != first[row]]
            ranked = further[np.argsort(-scores[row, further], kind="stable")]
            chosen[row] = (chosen[row][0], *ranked.tolist())[: self.max_labels]
        return chosen

    def confidence(
        self, scores: NDArray[np.float64], primary: NDArray[np.float64], finding: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Return (n,) how sure the primary label is; with ``finding`` that of an extracted finding."""
        top = primary.max(axis=1)
        if self.allow_none:
            # "None applies" is an answer too, and as sure as every label is unlikely.
            above = scores >= np.asarray(self.thresholds)
            some = scores.max(axis=1)
            top = np.where(above.any(axis=1), np.where(above, primary, 0.0).max(axis=1) * some, 1 - some)
        return np.asarray(top if finding is None else top * finding)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for the model folder."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Decisions:
        """Read what ``to_dict`` wrote."""
        try:
            return cls(
                tuple(float(t) for t in data["thresholds"]),
                bool(data["allow_none"]),
                int(data["max_labels"]),
                float(data["review_below"]),
                float(data["promise"]),
                (int(data["promised_on"][0]), int(data["promised_on"][1])),
            )
        except (KeyError, TypeError, ValueError, IndexError) as exc:
            raise ModelError(
                f"The model folder's decisions are damaged ({exc!r}). Train the model again or restore the folder."
            ) from exc
