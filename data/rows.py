"""Rows of labelled text, the JSONL that every model trains on and is evaluated on."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError

_KEYS = ("text", "labels", "heading", "group", "split")


@dataclass(frozen=True, slots=True)
class Row:
    """A text with its labels, primary first; ``()`` means that none applies.

    ``finding`` is False for a clause of a notice that is not a finding at all: it teaches the finding detector and
    takes no part in the categories. ``weight``: as how many rows it counts in training.
    """

    text: str
    labels: tuple[str, ...]
    heading: str = ""
    group: str = ""
    split: str = ""
    finding: bool = True
    weight: float = 1.0


def closest(value: str, known: Collection[str]) -> str:
    """Return the part of an error message that names the closest known value, or lists all where none is close."""
    near = difflib.get_close_matches(value, list(known), n=1, cutoff=0.5)
    if near:
        return f"; closest is {near[0]!r}."
    return f"; known are {', '.join(list(known)[:30])}."


def read_rows(path: str | Path, labels: Sequence[str] | None = None) -> list[Row]:
    """Read a JSONL data file.

    Parameters
    ----------
    path : path of a UTF-8 file, one JSON object a line: text, labels (primary first, [] = none applies), and optionally
        heading, group (rows of one group never cross a split) and split (train, dev or test).
    labels : the known label ids; None accepts any.

    Raises
    ------
    DataError
        At the first bad line: file, line, the bad value and the closest known one.

    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise DataError(f"Cannot read {path}: {exc}. Data files are UTF-8 JSONL, one object a line.") from exc
    rows = [
        _row(line, f"{path} line {number}", labels) for number, line in enumerate(text.split("\n"), 1) if line.strip()
    ]
    if not rows:
        raise DataError(f"{path} holds no rows; expected one JSON object a line with 'text' and 'labels'.")
    return rows


def _row(line: str, where: str, known: Sequence[str] | None) -> Row:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as exc:
        raise DataError(f"{where}: not valid JSON ({exc.msg} at column {exc.colno}).") from exc
    if not isinstance(data, dict):
        raise DataError(f"{where}: expected an object with 'text' and 'labels', got {type(data).__name__}.")
    for key in data:
        if key not in _KEYS:
            raise DataError(f"{where}: unknown column {key!r}{closest(key, _KEYS)}")
    if not isinstance(data.get("text"), str):
        raise DataError(f"{where}: 'text' must be a string, got {data.get('text')!r}.")
    given = data.get("labels")
    if not isinstance(given, list) or not all(isinstance(label, str) for label in given):
        raise DataError(f"{where}: 'labels' must be a list of label ids ([] = none applies), got {given!r}.")
    for label in given:
        if known is not None and label not in known:
            raise DataError(f"{where}: label {label!r} is not in the taxonomy{closest(label, known)}")
    if len(set(given)) < len(given):
        raise DataError(f"{where}: 'labels' names a label twice: {given}.")
    for key in ("heading", "group", "split"):
        if not isinstance(data.get(key) or "", str):
            raise DataError(f"{where}: {key!r} must be a string, got {data[key]!r}.")
    split = data.get("split") or ""
    if split not in ("", "train", "dev", "test"):
        raise DataError(f"{where}: split {split!r} is not train, dev or test.")
    return Row(data["text"], tuple(given), data.get("heading") or "", data.get("group") or "", split)


def rows_hash(rows: Iterable[Row]) -> str:
    """Return the SHA-256 of the rows in their order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(
            json.dumps(
                [row.text, row.labels, row.heading, row.group, row.split, row.finding], ensure_ascii=False
            ).encode()
        )
    return digest.hexdigest()
