"""Choose what to label next: what the model is unsure of, and no two of a kind.

Of the findings with the smallest margin between the two likeliest first labels, ten times as many as are wanted, one is taken from
each cluster of similar wording (diverse mini-batch active learning, Zhdanov 2019).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..models.base import Classifier
from ..training.baseline import fit_vocabulary

# Of so many times the wanted number, the most uncertain ones, the clusters are made.
_CANDIDATES = 10
# Clusters are made in so many dimensions of latent semantic analysis; in those of single words every short text is far from any other.
_DIMENSIONS = 50


def suggest(
    model: Classifier, texts: Sequence[str], headings: Sequence[str], most: int, seed: int = 20240717
) -> list[int]:
    """Return the indexes of the at most ``most`` texts that are best labelled next, the most uncertain first."""
    if not texts:
        return []
    ordered = np.sort(model.judge(texts, headings).primary, axis=1)
    margin = ordered[:, -1] - (ordered[:, -2] if ordered.shape[1] > 1 else 0)
    candidates = np.argsort(margin, kind="stable")[: _CANDIDATES * most]
    if len(candidates) <= most:
        return [int(index) for index in candidates]
    clusters = _clusters([texts[i] for i in candidates], 1 - margin[candidates], most, seed)
    first: dict[int, int] = {}
    for cluster, index in zip(clusters, candidates.tolist(), strict=True):
        first.setdefault(cluster, index)
    # Clusters may come out empty; the most uncertain of the rest make up the number.
    chosen = set(first.values())
    chosen.update([index for index in candidates.tolist() if index not in chosen][: most - len(chosen)])
    return [index for index in candidates.tolist() if index in chosen]


def _clusters(texts: Sequence[str], weights: NDArray[np.float64], number: int, seed: int) -> list[int]:
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import TruncatedSVD

    features = fit_vocabulary(texts).transform(texts)
    dimensions = min(_DIMENSIONS, features.shape[1] - 1, len(texts) - 1)
    if dimensions < 1:
        return list(range(len(texts)))
    latent = TruncatedSVD(dimensions, random_state=seed).fit_transform(features)
    found = MiniBatchKMeans(number, random_state=seed, n_init=1).fit(latent, sample_weight=weights)
    return [int(label) for label in found.labels_]
