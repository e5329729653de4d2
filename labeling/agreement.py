"""How far two readings of the same findings agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import DataError

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """Agreement on one label: n findings that either reading calls primarily so, and the share on which both do."""

    label: str
    n: int
    primary: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two readings on n findings.

    ``primary``: share with the same first label. ``kappa``: the same corrected for chance (Cohen 1960). ``exact``: share with the same
    set of labels. ``disagreements``: the keys on which first label or set differ, in the order of the first reading.
    """

    n: int
    primary: float
    kappa: float
    exact: float
    labels: tuple[LabelAgreement, ...]
    disagreements: tuple[str, ...]


def agreement(first: Mapping[str, Labels], second: Mapping[str, Labels]) -> Agreement:
    """Compare two readings, each the labels of a finding (primary first, () = none applies) under its key.

    Raises
    ------
    DataError
        If no key occurs in both.

    """
    keys = [key for key in first if key in second]
    if not keys:
        raise DataError("The two readings have no finding in common; were they made of the same notices?")
    pairs = [(_primary(first[key]), _primary(second[key])) for key in keys]
    same = sum(a == b for a, b in pairs)
    mine, theirs = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(mine[label] * theirs[label] for label in mine) / len(keys) ** 2
    share = same / len(keys)
    return Agreement(
        len(keys),
        share,
        (share - chance) / (1 - chance) if chance < 1 else 1.0,
        sum(set(first[key]) == set(second[key]) for key in keys) / len(keys),
        tuple(_by_label(pairs, label) for label in sorted(mine.keys() | theirs.keys())),
        tuple(key for key, (a, b) in zip(keys, pairs, strict=True) if a != b or set(first[key]) != set(second[key])),
    )


def _primary(labels: Labels) -> str:
    return labels[0] if labels else ""


def _by_label(pairs: Sequence[tuple[str, str]], label: str) -> LabelAgreement:
    either = [pair for pair in pairs if label in pair]
    return LabelAgreement(label, len(either), sum(a == b for a, b in either) / len(either))
