"""Train the baseline: TF-IDF features, one linear support-vector classifier a label, calibrated on held-out rows."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ..data.rows import Row
from ..data.taxonomy import Taxonomy
from ..models.decisions import Decisions
from ..models.features import Vocabulary, character_key, characters_of, fold, words_of
from ..models.tfidf import HEADING_WEIGHT, Calibration, Linear, Margins, TfidfClassifier
from .calibration import fit_calibration, fit_decisions
from .dataset import Dataset, folds_by_group, target_matrix

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class BaselineConfig:
    """Choices of the baseline's training.

    c : inverse regularisation of the linear classifiers.
    naive_bayes : weight of the naive Bayes log-odds that are added to each classifier, in standard deviations; it steadies labels
        with few rows and short texts (after Wang and Manning 2012).
    use_heading : learn from section headings; they are withheld on half of the rows so that a bare text is tagged as well.
    promise : share of right primary labels promised where no review is asked for.
    folds : number of folds by notice for the held-out scores of data without a dev split.
    """

    c: float = 1.0
    naive_bayes: float = 0.3
    use_heading: bool = True
    promise: float = 0.97
    folds: int = 5
    seed: int = 20240717

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("c", self.c, 1e-4, 1e4),
            ("naive_bayes", self.naive_bayes, 0.0, 10.0),
            ("promise", self.promise, 0.5, 0.999),
            ("folds", self.folds, 2, 50),
        ):
            if not low <= value <= high:
                raise ValueError(f"{name} is {value}; it must lie between {low} and {high}.")


def train_baseline(
    data: Dataset, config: BaselineConfig | None = None, progress: Progress | None = None, name: str = "baseline"
) -> TfidfClassifier:
    """Train on ``data.train`` and fit calibration, thresholds and the review rule on ``data.dev``.

    Without dev rows they are fitted on out-of-fold scores of the training rows, folds cut by group. ``progress`` is called
    with the step's name and the share done.
    """
    config = config or BaselineConfig()
    told = progress or (lambda _step, _share: None)
    if data.dev:
        model = fit_linear(data.train, data.taxonomy, config, name, lambda share: told("classifiers", 0.9 * share))
        margins = model.margins([row.text for row in data.dev], [row.heading for row in data.dev])
        held_out = data.dev
    else:
        held_out = data.train
        labels = len(data.taxonomy.ids)
        margins = Margins(
            *(np.zeros(shape) for shape in ((len(held_out), labels), (len(held_out), labels), len(held_out)))
        )
        folds = folds_by_group(held_out, config.folds, config.seed)
        for number, (kept, left) in enumerate(folds):
            part = fit_linear([held_out[i] for i in kept], data.taxonomy, config, name)
            found = part.margins([held_out[i].text for i in left], [held_out[i].heading for i in left])
            margins.labels[left], margins.primary[left], margins.finding[left] = (
                found.labels,
                found.primary,
                found.finding,
            )
            told("out-of-fold scores", 0.7 * (number + 1) / len(folds))
        model = fit_linear(
            data.train, data.taxonomy, config, name, lambda share: told("classifiers", 0.7 + 0.2 * share)
        )
    calibration = fit_calibration(margins, held_out, data.taxonomy.ids)
    decisions = fit_decisions(calibration, margins, held_out, data, config.promise)
    told("calibration", 1.0)
    return TfidfClassifier(name, data.taxonomy, model.text, model.heading, model.linear, calibration, decisions)


def fit_linear(
    rows: Sequence[Row],
    taxonomy: Taxonomy,
    config: BaselineConfig,
    name: str,
    progress: Callable[[float], None] | None = None,
) -> TfidfClassifier:
    """Fit vocabulary and linear classifiers on ``rows``; calibration and decisions are still neutral."""
    text = fit_vocabulary([row.text for row in rows])
    withheld = random.Random(config.seed)
    headings = [row.heading if config.use_heading and withheld.random() < 0.5 else "" for row in rows]
    heading = fit_vocabulary([h for h in headings if h], least=3)
    features = sp.hstack(
        [text.transform([row.text for row in rows]), heading.transform(headings) * HEADING_WEIGHT], format="csr"
    ).astype(np.float64)
    is_finding = np.array([row.finding for row in rows])
    weights = np.array([row.weight for row in rows])
    labelled = features[is_finding]
    findings = [row for row in rows if row.finding]
    applies = target_matrix(findings, taxonomy.ids)
    first = target_matrix([replace(row, labels=row.labels[:1]) for row in findings], taxonomy.ids)
    # Where no row has a second label, the first one is the one that applies.
    tasks = [first] if (applies == first).all() else [applies, first]
    total = len(tasks) * len(taxonomy.ids) + 1
    fitted: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    for number, targets in enumerate(tasks):
        coef = np.zeros((features.shape[1], len(taxonomy.ids)), np.float32)
        intercept = np.zeros(len(taxonomy.ids), np.float32)
        c, naive_bayes = config.c, config.naive_bayes
        if targets is not first:
            c, naive_bayes = c * _LABELS_C, naive_bayes * _LABELS_NAIVE_BAYES
        for index in range(len(taxonomy.ids)):
            # Rare labels count a little more, or macro F1 pays for micro F1.
            weight = (len(targets) / max(int(targets[:, index].sum()), 1)) ** _RARITY
            coef[:, index], intercept[index] = _fit_column(
                labelled, targets[:, index], weight, c, config.seed, weights[is_finding]
            )
            if progress:
                progress((number * len(taxonomy.ids) + index + 1) / total)
        odds, offsets = _naive_bayes(labelled, targets, weights[is_finding])
        fitted.append((coef + naive_bayes * odds, intercept + naive_bayes * offsets))
    detector = _fit_column(features, is_finding, 1.0, config.c, config.seed, weights)
    columns = [fitted[0], fitted[-1], (detector[0][:, None], np.array([detector[1]], np.float32))]
    coef = np.concatenate([part for part, _ in columns], axis=1)
    intercept = np.concatenate([part for _, part in columns])
    linear = Linear(coef.astype(np.float16).astype(np.float32), intercept)
    return TfidfClassifier(name, taxonomy, text, heading, linear, Calibration(), _undecided(len(taxonomy.ids)))


def _fit_column(
    x: sp.csr_matrix,
    y: NDArray[np.bool_],
    weight: float,
    c: float,
    seed: int,
    row_weights: NDArray[np.float64],
) -> tuple[NDArray[np.float32], float]:
    """Return weights (D,) and intercept of one classifier; ``weight`` is that of its positive rows beside their own."""
    from sklearn.svm import LinearSVC

    if y.all() or not y.any():
        # A label without a positive (or negative) row is never (always) given.
        return np.zeros(x.shape[1], np.float32), 1.0 if len(y) and y.all() else -1.0
    fitted = LinearSVC(C=c, class_weight={True: weight}, random_state=seed).fit(x, y, row_weights)
    return fitted.coef_[0].astype(np.float32), float(fitted.intercept_[0])


# Pseudo-count of a term under each label; 0.03 was better than 0.1 and 1 in cross-validation by notice.
_SMOOTHING = 0.03
_RARITY = 0.15
# Which labels apply is learnt with less c and naive Bayes than which one comes first. On 80 held-out groups of the CAIL training rows
# (three draws) the mean of micro and macro F1 went from 0.705 at c to 0.713; on dev nothing moved by more than 0.003.
_LABELS_C, _LABELS_NAIVE_BAYES = 1 / 2, 1 / 3


def _naive_bayes(
    x: sp.csr_matrix, targets: NDArray[np.bool_], row_weights: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return weights (D, K) and offsets (K,) of naive Bayes log-odds, centred and of standard deviation 1 on ``x``."""
    counts = np.asarray((targets * row_weights[:, None]).T @ x)
    inside = counts + _SMOOTHING
    outside = np.asarray(row_weights @ x) - counts + _SMOOTHING
    odds = np.log(inside / inside.sum(axis=1, keepdims=True)) - np.log(outside / outside.sum(axis=1, keepdims=True))
    shown = np.asarray(x @ odds.T)
    spread = shown.std() or 1.0
    return (odds.T / spread).astype(np.float32), (-shown.mean(axis=0) / spread).astype(np.float32)


def _undecided(labels: int) -> Decisions:
    return Decisions((0.5,) * labels)


def fit_vocabulary(texts: Sequence[str], least: int = 1) -> Vocabulary:
    """Fit the vocabulary and idf of words and of characters with scikit-learn."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    folded = fold(texts)

    def fitted(analyzer: Callable[[str], list[str]]) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
        vectorizer = TfidfVectorizer(analyzer=analyzer, sublinear_tf=True, min_df=least)
        try:
            vectorizer.fit(folded)
        except ValueError:
            # No term is left: texts of punctuation only, or no headings at all.
            return np.zeros(0, np.str_), np.zeros(0, np.float32)
        return vectorizer.get_feature_names_out().astype(np.str_), vectorizer.idf_.astype(np.float32)

    words, word_idf = fitted(words_of)
    grams, gram_idf = fitted(characters_of)
    keys = np.array([character_key(gram) for gram in grams], np.int64)
    order = np.argsort(keys)
    return Vocabulary(tuple(words.tolist()), word_idf, keys[order], gram_idf[order])
