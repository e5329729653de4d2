"""What a training run learns from: rows, their splits and their taxonomy."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..data.corpus import AnnotatedNotice, bundled, corpus_hash, load_annotated, rows_of
from ..data.corrections import STORE, Correction, read_corrections, rows_of_corrections
from ..data.rows import Row, read_rows, rows_hash
from ..data.taxonomy import OTHER, Taxonomy, from_labels, health
from ..errors import DataError


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows by split with their taxonomy and the hash of what they were read from.

    ``allow_none`` and ``max_labels`` say what answers the rows have shown to be possible. ``dev_notices``: the whole notices that the
    dev rows come from, where they are known.
    """

    train: list[Row]
    dev: list[Row]
    test: list[Row]
    taxonomy: Taxonomy
    source: str
    hash: str
    allow_none: bool
    max_labels: int
    dev_notices: tuple[AnnotatedNotice, ...] = ()


def bundled_dataset() -> Dataset:
    """Return the bundled corpus: its findings, and its other clauses as rows that are no findings."""
    notices = bundled()
    by_split: dict[str, list[Row]] = defaultdict(list)
    for annotated in notices:
        by_split[annotated.split] += rows_of(annotated)
    return Dataset(
        by_split["train"],
        by_split["dev"],
        by_split["test"],
        health(),
        "bundled corpus",
        corpus_hash(notices),
        allow_none=False,
        max_labels=3,
        dev_notices=bundled("dev"),
    )


# As how many bundled rows a correction counts. At two, only six of ten single corrections that contradict the corpus are heeded, at four
# nine or more. On notices not yet seen the weight hardly matters: 0.783 at two, 0.780 at four, 0.778 at eight (tests/benchmarks/office.py).
CORRECTION_WEIGHT = 4.0


def corpus_and_corrections(folder: Path | None) -> Dataset:
    """Return the bundled corpus with the corrections kept in ``folder``; raises ``DataError`` where there are none."""
    if folder is None or not (folder / STORE).is_file():
        raise DataError(
            f"There are no corrections in {folder}: it holds no {STORE}. Name the folder that `xuntag label import --into` wrote."
        )
    return with_corrections(bundled_dataset(), read_corrections(folder))


def with_corrections(data: Dataset, corrections: Sequence[Correction], weight: float = CORRECTION_WEIGHT) -> Dataset:
    """Return ``data`` with the settled ``corrections`` among its training rows, each counting as ``weight`` rows."""
    rows = rows_of_corrections(corrections, data.taxonomy.ids, weight)
    return replace(
        data,
        train=[*data.train, *rows],
        source=f"{data.source} and {len(rows)} corrections",
        hash=hashlib.sha256(f"{data.hash} {rows_hash(rows)} {weight}".encode()).hexdigest(),
    )


def load_dataset(path: str | Path | None = None, taxonomy: Taxonomy | None = None) -> Dataset:
    """Read a data set: a JSONL file, a folder of annotated notices (train/, dev/, test/) or of corrections, or the bundled corpus (None).

    Without a taxonomy that of a JSONL file is its labels in sorted order, that of a folder the bundled one. Rows
    without a split are training rows.

    Raises
    ------
    DataError
        If a row is bad, a group crosses splits, or there is nothing to learn from.

    """
    if path is None:
        return bundled_dataset()
    path = Path(path)
    notices: list[AnnotatedNotice] = []
    if (path / STORE).is_file():
        taxonomy = taxonomy or health()
        rows = rows_of_corrections(read_corrections(path), taxonomy.ids)
        digest = rows_hash(rows)
    elif path.is_dir():
        taxonomy = taxonomy or health()
        notices = load_annotated(path, taxonomy)
        rows = [row for annotated in notices for row in rows_of(annotated)]
        digest = corpus_hash(notices)
    else:
        rows = read_rows(path, taxonomy.ids if taxonomy else None)
        digest = rows_hash(rows)
    _check_groups(rows, path)
    by_split: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_split[row.split or "train"].append(row)
    labels = [label for row in rows for label in row.labels]
    if not labels:
        raise DataError(f"{path} names no label in any row; there is nothing to learn.")
    if not by_split["train"]:
        raise DataError(f"{path} has no training row; give rows the split 'train' or none.")
    findings = [row for row in rows if row.finding]
    return Dataset(
        by_split["train"],
        by_split["dev"],
        by_split["test"],
        taxonomy or from_labels(labels),
        str(path),
        digest,
        allow_none=any(not row.labels for row in findings),
        max_labels=max(3, *(len(row.labels) for row in findings)),
        dev_notices=tuple(annotated for annotated in notices if annotated.split == "dev"),
    )


def _check_groups(rows: Sequence[Row], path: Path) -> None:
    split_of: dict[str, str] = {}
    for row in rows:
        split = row.split or "train"
        if row.group and split_of.setdefault(row.group, split) != split:
            raise DataError(
                f"{path}: group {row.group!r} has rows in {split_of[row.group]} and in {split}; a group may not cross splits."
            )


def target_matrix(rows: Sequence[Row], labels: Sequence[str]) -> NDArray[np.bool_]:
    """Return (n, K): whether row i carries label k."""
    column = {label: index for index, label in enumerate(labels)}
    targets = np.zeros((len(rows), len(labels)), np.bool_)
    for number, row in enumerate(rows):
        for label in row.labels:
            targets[number, column[label]] = True
    return targets


def folds_by_group(rows: Sequence[Row], folds: int, seed: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return ``folds`` pairs (kept, left out) of row indexes; rows of one group lie in one fold, lone rows anywhere.

    Where all rows are of one group no fold could do without it, and each row is a group of its own.

    Raises
    ------
    DataError
        If there are fewer than two rows.

    """
    if len(rows) < 2:
        raise DataError("Training needs at least two rows where none are set aside as dev; label more.")
    groups: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        groups[row.group or f"row {index}"].append(index)
    if len(groups) == 1:
        groups = defaultdict(list, {f"row {index}": [index] for index in range(len(rows))})
    names = sorted(groups)
    random.Random(seed).shuffle(names)
    # The largest groups first, each into the emptiest fold, keeps the folds even.
    left: list[list[int]] = [[] for _ in range(min(folds, len(names)))]
    for name in sorted(names, key=lambda n: -len(groups[n])):
        min(left, key=len).extend(groups[name])
    everything = np.arange(len(rows))
    return [(np.setdiff1d(everything, part), np.array(sorted(part))) for part in left]


def neutral_label(taxonomy: Taxonomy) -> str | None:
    """Return the label of a blank text: ``other`` where the taxonomy has it."""
    return OTHER if OTHER in taxonomy.ids else None
