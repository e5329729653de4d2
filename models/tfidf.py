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


@dataclass(frozen=True, slots=True)
class Margins:
    """Signed distances of n texts.

    ``labels`` (n, K) for "the label applies", ``primary`` (n, K) for "it is the first label",
    ``finding`` (n,) for "states a finding".
    """

    labels: NDArray[np.float64]
    primary: NDArray[np.float64]
    finding: NDArray[np.float64]


@dataclass(frozen=True)
class Linear:
    """Weights (D, 2K + 1) and intercepts (2K + 1,): K columns of ``Margins.labels``, K of ``Margins.primary``, one of ``finding``."""

    coef: NDArray[np.float32]
    intercept: NDArray[np.float32]

    def margins(self, blocks: Sequence[sp.csr_matrix]) -> NDArray[np.float32]:
        """Return the signed distances (n, 2K + 1) of features that lie side by side in ``blocks``; the last ones may be absent."""
        margins = np.repeat(self.intercept[None], blocks[0].shape[0], axis=0)
        at = 0
        for block in blocks:
            margins += block @ self.coef[at : at + block.shape[1]]
            at += block.shape[1]
        return margins


@dataclass(frozen=True)
class Calibration:
    """What turns margins into probabilities.

    p(label applies) = sigmoid(slope * margin + lead * (margin - best other margin) + bias), Platt scaling (Platt 1999) shared by all
    labels, because a dev split holds too few examples of a label to fit numbers for each. p(label is first) = softmax over labels of
    primary * primary margin. ``finding``: slope and bias of the finding detector.
    """

    slope: float = 1.0
    lead: float = 0.0
    bias: float = 0.0
    primary: float = 1.0
    finding: tuple[float, float] = (1.0, 0.0)

    def judge(self, margins: Margins) -> Judgement:
        """Return the probabilities of n texts."""
        inner = margins.labels
        scores = sigmoid(self.slope * inner + self.lead * lead_of(inner) + self.bias)
        finding = sigmoid(self.finding[0] * margins.finding + self.finding[1])
        return Judgement(scores, softmax(self.primary * margins.primary), finding)


def softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rows of ``values`` (n, K) as probabilities that sum to 1."""
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


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

    @property
    def detects_findings(self) -> bool:
        """False where training saw nothing but findings."""
        return self.calibration.finding[0] != 0

    def margins(self, texts: Sequence[str], headings: Sequence[str] | None = None) -> Margins:
        """Return the uncalibrated margins of ``texts``."""
        labels = len(self.labels)
        parts = [np.zeros((0, 2 * labels + 1), np.float32)]
        for start in range(0, len(texts), _BATCH):
            blocks = list(self.text.blocks(texts[start : start + _BATCH]))
            given = headings[start : start + _BATCH] if headings is not None else []
            if any(given):
                blocks += [block * HEADING_WEIGHT for block in self.heading.blocks(given)]
            parts.append(self.linear.margins(blocks))
        found = np.concatenate(parts).astype(np.float64)
        return Margins(found[:, :labels], found[:, labels:-1], found[:, -1])

    def judge(self, texts: Sequence[str], headings: Sequence[str] | None = None) -> Judgement:
        """Return the probabilities of ``texts`` (see ``Classifier``)."""
        return self.calibration.judge(self.margins(texts, headings))

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
            "primary": self.calibration.primary,
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
            given["slope"],
            given["lead"],
            given["bias"],
            given["primary"],
            (given["finding"][0], given["finding"][1]),
        )
        linear = Linear(weights["coef"].astype(np.float32), weights["intercept"])
    except (KeyError, IndexError, TypeError) as exc:
        raise ModelError(f"Model folder {path} is damaged: {exc!r} is missing. Train it again or restore it.") from exc
    fits = (
        len(text.words) == len(text.word_idf)
        and len(heading.words) == len(heading.word_idf)
        and linear.coef.shape == (text.size + heading.size, 2 * len(taxonomy.ids) + 1)
        and linear.intercept.shape == linear.coef.shape[1:]
    )
    if not fits:
        raise ModelError(
            f"Model folder {path} is damaged: its weights do not fit its vocabulary. Train it again or restore it."
        )
    return TfidfClassifier(
        path.name, taxonomy, text, heading, linear, calibration, Decisions.from_dict(about["decisions"])
    )
