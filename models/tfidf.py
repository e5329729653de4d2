"""The baseline: TF-IDF of words, characters and the heading, and one linear classifier a label.

Tagging needs numpy, scipy and the segmenter; scikit-learn only trains it (``training/baseline.py``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ..data.taxonomy import Taxonomy, taxonomy_from_dict
from ..errors import ModelError
from .base import Judgement
from .decisions import Decisions
from .features import Vocabulary
from .folder import ModelFolder, read_folder, write_folder

KIND = "baseline"
_WEIGHTS = "weights.npz"
_WORDS = "words.json"
# Below this many texts the fixed cost of a batch counts; above it memory does (a batch of 4,096 peaks near 100 MB).
_BATCH = 4096


@dataclass(frozen=True)
class Linear:
    """Weights (D, K + 1) and intercepts (K + 1,): a column a label, the last one for "states a finding"."""

    coef: NDArray[np.float32]
    intercept: NDArray[np.float32]

    def margins(self, blocks: Sequence[sp.csr_matrix]) -> NDArray[np.float64]:
        """Return the signed distances (n, K + 1) of features that lie side by side in ``blocks``; the last ones may be absent."""
        margins = np.repeat(self.intercept[None], blocks[0].shape[0], axis=0)
        at = 0
        for block in blocks:
            margins += block @ self.coef[at : at + block.shape[1]]
            at += block.shape[1]
        return margins.astype(np.float64)


@dataclass(frozen=True)
class Calibration:
    """Platt scaling shared by all labels (Platt 1999), with the lead over the best other label as second input.

    p(label) = sigmoid(slope * margin + lead * (margin - best other margin) + bias); shared, because a dev split holds too few
    examples of a label to fit two numbers for each. ``finding``: slope and bias of the finding detector.
    """

    slope: float = 1.0
    lead: float = 0.0
    bias: float = 0.0
    finding: tuple[float, float] = (1.0, 0.0)

    def scores(self, margins: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probabilities (n, K) of label margins (n, K)."""
        return sigmoid(self.slope * margins + self.lead * lead_of(margins) + self.bias)

    def finding_probability(self, margins: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probabilities (n,) of finding margins (n,)."""
        return sigmoid(self.finding[0] * margins + self.finding[1])


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logistic function, safe for large values."""
    return 1 / (1 + np.exp(-np.clip(values, -40, 40)))


def lead_of(margins: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, K) how far each margin lies above the best of the others (below: negative)."""
    if margins.shape[1] < 2:
        return np.zeros_like(margins)
    ordered = np.sort(margins, axis=1)
    best, second = ordered[:, -1:], ordered[:, -2:-1]
    return margins - np.where(margins == best, second, best)


class TfidfClassifier:
    """The baseline, ready to judge; immutable after loading, so threads may share it."""

    kind = KIND

    def __init__(
        self,
        name: str,
        taxonomy: Taxonomy,
        text: Vocabulary,
        heading: Vocabulary,
        linear: Linear,
        calibration: Calibration,
        decisions: Decisions,
    ) -> None:
        self.name = name
        self.taxonomy = taxonomy
        self.labels = taxonomy.ids
        self.decisions = decisions
        self.text = text
        self.heading = heading
        self.linear = linear
        self.calibration = calibration

    def margins(self, texts: Sequence[str], headings: Sequence[str] | None = None) -> NDArray[np.float64]:
        """Return the uncalibrated margins (n, K + 1)."""
        parts = []
        for start in range(0, len(texts), _BATCH):
            blocks = list(self.text.blocks(texts[start : start + _BATCH]))
            given = headings[start : start + _BATCH] if headings is not None else []
            if any(given):
                blocks += [block * HEADING_WEIGHT for block in self.heading.blocks(given)]
            parts.append(self.linear.margins(blocks))
        return np.concatenate(parts) if parts else np.zeros((0, len(self.labels) + 1))

    def judge(self, texts: Sequence[str], headings: Sequence[str] | None = None) -> Judgement:
        """Return the probabilities of ``texts`` (see ``Classifier``)."""
        margins = self.margins(texts, headings)
        return Judgement(self.calibration.scores(margins[:, :-1]), self.calibration.finding_probability(margins[:, -1]))

    def save(self, path: Path, about: dict[str, Any]) -> None:
        """Write the model folder at ``path`` atomically; ``about`` adds hashes, version and run to its description."""
        weights: dict[str, NDArray[Any]] = {
            "word_idf": self.text.word_idf,
            "grams": self.text.grams,
            "gram_idf": self.text.gram_idf,
            "heading_word_idf": self.heading.word_idf,
            "heading_grams": self.heading.grams,
            "heading_gram_idf": self.heading.gram_idf,
            "coef": self.linear.coef.astype(np.float16),
            "intercept": self.linear.intercept,
        }
        calibration = {
            "slope": self.calibration.slope,
            "lead": self.calibration.lead,
            "bias": self.calibration.bias,
            "finding": list(self.calibration.finding),
        }
        words = json.dumps({"text": self.text.words, "heading": self.heading.words}, ensure_ascii=False)
        write_folder(
            path,
            {
                "kind": KIND,
                "taxonomy": self.taxonomy.to_dict(),
                "decisions": self.decisions.to_dict(),
                "calibration": calibration,
                **about,
            },
            {_WORDS: words.encode("utf-8")},
            {_WEIGHTS: weights},
        )


# The heading's features count less than the text's: 0.4 was best of 0.2, 0.3, 0.4 and 0.6 in cross-validation by notice.
HEADING_WEIGHT = 0.4


def load_tfidf(path: Path) -> TfidfClassifier:
    """Load a baseline folder; raises ``ModelError`` if a file is missing, altered or does not fit."""
    folder: ModelFolder = read_folder(path)
    about = folder.about
    words = json.loads(folder.text(_WORDS))
    weights = folder.arrays(_WEIGHTS)
    taxonomy = taxonomy_from_dict(about["taxonomy"], str(path))
    try:
        text = Vocabulary(tuple(words["text"]), weights["word_idf"], weights["grams"], weights["gram_idf"])
        heading = Vocabulary(
            tuple(words["heading"]),
            weights["heading_word_idf"],
            weights["heading_grams"],
            weights["heading_gram_idf"],
        )
        given = about["calibration"]
        calibration = Calibration(
            given["slope"], given["lead"], given["bias"], (given["finding"][0], given["finding"][1])
        )
        linear = Linear(weights["coef"].astype(np.float32), weights["intercept"])
    except (KeyError, IndexError, TypeError) as exc:
        raise ModelError(f"Model folder {path} is damaged: {exc!r} is missing. Train it again or restore it.") from exc
    fits = (
        len(text.words) == len(text.word_idf)
        and len(heading.words) == len(heading.word_idf)
        and linear.coef.shape == (text.size + heading.size, len(taxonomy.ids) + 1)
        and linear.intercept.shape == linear.coef.shape[1:]
    )
    if not fits:
        raise ModelError(
            f"Model folder {path} is damaged: its weights do not fit its vocabulary. Train it again or restore it."
        )
    return TfidfClassifier(
        path.name, taxonomy, text, heading, linear, calibration, Decisions.from_dict(about["decisions"])
    )
