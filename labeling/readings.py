"""Read the labels that somebody gave to findings, from whatever file they come in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..data.rows import read_rows
from ..errors import DataError
from .agreement import Labels


def read_labels(path: Path, known: Sequence[str] | None = None) -> dict[str, Labels]:
    """Return the labels of each text of a JSONL file of the contract, under its group and text.

    Raises
    ------
    DataError
        If the file cannot be read, a label is unknown, or the same text of the same group occurs twice with other labels.

    """
    found: dict[str, Labels] = {}
    for row in read_rows(path, known):
        key = f"{row.group}\t{row.text}"
        if found.setdefault(key, row.labels) != row.labels:
            raise DataError(
                f"{path} labels {row.text[:30]!r} twice, as {found[key]} and as {row.labels}; keep one of them."
            )
    return found
