"""Measure how varied the findings of a corpus are: a corpus made from templates trains a model that is perfect at home and fails outside.

``python -m xuntag.data.variety [FOLDER]`` prints the figures of the bundled corpus, or of a folder of annotated notices, and exits
with 1 where a limit is passed.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from .corpus import bundled, load_annotated
from .taxonomy import health

# The length bands that the card reports: plain statements, statements with one detail, whole items.
BANDS = ((0, 20), (21, 50), (51, 10_000))
NEAR = 0.6
_DRAWS, _DRAWN = 200, 100
_BLOCK = 512

_QUOTED = re.compile("“[^“”]*”|《[^《》]*》|（[^（）]*）")
_NUMBER = re.compile(
    r"[0-9０-９][0-9０-９.,，:：\-—~～]*|[〇零一二三四五六七八九十百千万亿两]+(?=[年月日个名人次份笔台件项户家所元吨万条])"
)
_NAME = re.compile(
    "[一-鿿]{1,3}(?:某某?|××|\\*+|_+)[一-鿿]{0,2}?|[一-鿿]{2,4}(?:省|市|县|区|镇|乡|村|街道|社区)(?=[一-鿿])"
)


@dataclass(frozen=True, slots=True)
class Variety:
    """What was measured of n findings.

    neighbour : median over findings of the highest Jaccard similarity of character trigrams to the others of 100 drawn at
        random, mean of 200 draws. neighbour_by_band : the same within each length band of ``BANDS`` (None under 100 findings).
    near : share of all findings that have another one above ``NEAR``.
    distinct : distinct among all character 6-grams. openings, endings : the most frequent four characters at either end.
    skeletons : share of findings whose wording with numbers, names and quotations masked is used more than twice.
    most_used : the most frequent skeleton and how often it is used.
    """

    n: int
    neighbour: float
    neighbour_by_band: tuple[float | None, ...]
    near: float
    distinct: float
    openings: tuple[tuple[str, int], ...]
    endings: tuple[tuple[str, int], ...]
    skeletons: float
    most_used: tuple[str, int]

    def faults(self) -> list[str]:
        """Return which limits are passed, in words."""
        limits = [
            ("median similarity to the nearest of 100 findings", self.neighbour, 0.10),
            ("share of findings with a near-duplicate", self.near, 0.02),
            ("share of findings whose skeleton is used more than twice", self.skeletons, 0.01),
        ]
        limits += [
            (f"median similarity among findings of {low} to {high} characters", found, 0.10)
            for (low, high), found in zip(BANDS, self.neighbour_by_band, strict=True)
            if found is not None
        ]
        return [f"{what} is {found:.3f}; the limit is {limit:.2f}" for what, found, limit in limits if found > limit]


def measure(texts: Sequence[str], seed: int = 7) -> Variety:
    """Measure the variety of ``texts``, one finding each; needs at least 100."""
    plain = [_letters(text) for text in texts]
    drawn = random.Random(seed)
    bands = [[text for text in plain if low <= len(text) <= high] for low, high in BANDS]
    grams = Counter(gram for text in plain for gram in _grams(text, 6))
    skeletons = Counter(skeleton(text) for text in texts)
    return Variety(
        len(texts),
        _median_neighbour(plain, drawn),
        tuple(_median_neighbour(band, drawn) if len(band) >= _DRAWN else None for band in bands),
        float(np.mean(nearest(plain) > NEAR)),
        len(grams) / max(sum(grams.values()), 1),
        tuple(Counter(text[:4] for text in plain).most_common(5)),
        tuple(Counter(text[-4:] for text in plain).most_common(5)),
        sum(count for count in skeletons.values() if count > 2) / len(texts),
        skeletons.most_common(1)[0],
    )


def skeleton(text: str) -> str:
    """Return ``text`` with quotations, numbers and names masked and punctuation left out."""
    return _letters(_NAME.sub("名", _NUMBER.sub("0", _QUOTED.sub("引", text))))


def near_duplicates(
    texts: Sequence[str], others: Sequence[str], least: float = NEAR
) -> Iterator[tuple[int, int, float]]:
    """Yield (i, j, similarity) of each ``texts[i]`` whose nearest of ``others`` lies above ``least``."""
    ours, theirs = [_letters(text) for text in texts], [_letters(text) for text in others]
    for start, similar in _similarities(ours, theirs):
        best = similar.argmax(axis=1)
        for row, column in enumerate(best.tolist()):
            if similar[row, column] > least:
                yield start + row, column, float(similar[row, column])


def nearest(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return (n,) the similarity of each text to the nearest other one."""
    found = np.zeros(len(texts))
    for start, similar in _similarities(texts, texts):
        rows = np.arange(len(similar))
        similar[rows, start + rows] = 0
        found[start : start + len(similar)] = similar.max(axis=1)
    return found


def _similarities(texts: Sequence[str], others: Sequence[str]) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield (start, (b, m)): the Jaccard similarities of a block of ``texts`` to all ``others``."""
    index: dict[str, int] = {}
    ours, theirs = _binary(texts, index), _binary(others, index)
    ours.resize((ours.shape[0], len(index)))
    theirs.resize((theirs.shape[0], len(index)))
    sizes = np.asarray(theirs.sum(axis=1)).ravel()
    for start in range(0, len(texts), _BLOCK):
        block = ours[start : start + _BLOCK]
        shared = (block @ theirs.T).toarray().astype(np.float64)
        union = np.asarray(block.sum(axis=1)).reshape(-1, 1) + sizes - shared
        yield start, np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def _binary(texts: Sequence[str], index: dict[str, int]) -> sp.csr_matrix:
    columns = [[index.setdefault(gram, len(index)) for gram in set(_grams(text, 3))] for text in texts]
    flat = np.fromiter(itertools.chain.from_iterable(columns), np.int64)
    starts = np.cumsum([0, *map(len, columns)])
    return sp.csr_matrix((np.ones(len(flat), np.float32), flat, starts), shape=(len(texts), max(len(index), 1)))


def _median_neighbour(texts: Sequence[str], drawn: random.Random) -> float:
    medians = (nearest(drawn.sample(texts, min(_DRAWN, len(texts)))) for _ in range(_DRAWS))
    return statistics.mean(float(np.median(found)) for found in medians)


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _grams(text: str, size: int) -> Iterator[str]:
    return (text[i : i + size] for i in range(len(text) - size + 1))


def main() -> int:
    """Print the figures; return 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description="Measure how varied the findings of a corpus are.")
    parser.add_argument(
        "folder", nargs="?", help="annotated notices (train/, dev/, test/); default: the bundled corpus"
    )
    given = parser.parse_args().folder
    notices = load_annotated(given, health()) if given else bundled()
    variety = measure([a.notice.text[f.start : f.end] for a in notices for f in a.findings])
    for field in variety.__dataclass_fields__:
        print(f"{field}: {getattr(variety, field)}")  # noqa: T201
    faults = variety.faults()
    print("\n".join(faults) or "within all limits")  # noqa: T201
    return bool(faults)


if __name__ == "__main__":
    raise SystemExit(main())
