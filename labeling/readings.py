"""Read the labels that somebody gave to findings, from whatever file they come in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..data.rows import read_rows
from ..errors import DataError
from ..serving.outputs import write_atomically
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


def write_resolved(path: Path, reading: Path, labels: Mapping[str, Labels]) -> int:
    """Write the rows of ``reading`` with the ``labels`` of their keys, and return how many; rows without any are left out."""
    lines = []
    for row in read_rows(reading):
        if (decided := labels.get(f"{row.group}\t{row.text}")) is None:
            continue
        data = {
            "text": row.text,
            "labels": list(decided),
            "heading": row.heading,
            "group": row.group,
            "split": row.split,
        }
        lines.append(json.dumps({k: v for k, v in data.items() if v or k == "labels"}, ensure_ascii=False) + "\n")
    write_atomically(path, "".join(lines).encode("utf-8"))
    return len(lines)
