"""What reviewers decided about findings, kept for good: an append-only JSONL file in a folder of labels.

Each line is one decision of one reviewer on one finding. A later decision of the same reviewer replaces their earlier one;
decisions of different reviewers that do not agree are a conflict, which teaches nothing until it is settled.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ..errors import DataError
from .rows import Row, closest

STORE = "corrections.jsonl"


@dataclass(frozen=True, slots=True)
class Correction:
    """A reviewer's decision on one finding.

    key : what identifies the finding: the hash of its notice and its span, or that of an added one.
    labels : category ids, primary first; () for what is no finding.
    finding : False where the reviewer says that the text states no finding.
    old : what the model had answered; None for a finding that it had missed.
    notice : hash of the notice, the group of the row.
    by, at : who decided, and when (ISO 8601).
    model, source : the model that had answered, and the file that the decision came in.
    confirmed : the reviewer says that they looked, so that agreeing with the model is a decision too.
    """

    key: str
    text: str
    labels: tuple[str, ...]
    finding: bool
    old: tuple[str, ...] | None
    heading: str
    notice: str
    note: str
    by: str
    at: str
    model: str
    source: str
    confirmed: bool = False

    @property
    def teaches(self) -> bool:
        """True if the reviewer confirmed the decision or it differs from what the model had answered."""
        return self.confirmed or self.changes

    @property
    def changes(self) -> bool:
        """True if the decision differs from what the model had answered."""
        return not self.finding or self.old is None or self.labels != self.old

    def same_decision(self, other: Correction) -> bool:
        """Tell whether both decide alike, whoever made them and when."""
        return (self.teaches, self.finding, self.labels) == (other.teaches, other.finding, other.labels)


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the corrections handed in: how many are new, how many were known."""

    new: int
    known: int


def read_corrections(folder: Path) -> list[Correction]:
    """Return every decision kept in ``folder``, oldest first; none if nothing has been kept there yet.

    Raises
    ------
    DataError
        If a line is damaged; its number is named.

    """
    path = folder / STORE
    if not path.is_file():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            found.append(_correction(json.loads(line)))
        except (ValueError, TypeError, KeyError) as exc:
            raise DataError(
                f"{path} line {number} is damaged ({exc}). Restore the file, or delete that line and import again."
            ) from exc
    return found


def _correction(data: dict[str, Any]) -> Correction:
    values = {field.name: data[field.name] for field in fields(Correction)}
    values["labels"] = tuple(values["labels"])
    values["old"] = None if values["old"] is None else tuple(values["old"])
    return Correction(**values)


def add_corrections(folder: Path, handed_in: Sequence[Correction]) -> Added:
    """Append what ``handed_in`` changes in the decisions kept in ``folder``; handing in the same again changes nothing.

    A finding that its reviewer had corrected before and left as the model had it now is taken back.
    """
    kept = read_corrections(folder)
    last = {(correction.key, correction.by): correction for correction in kept}
    fresh = []
    for correction in handed_in:
        before = last.get((correction.key, correction.by))
        is_known = before is not None and before.same_decision(correction) and before.note == correction.note
        if is_known or (before is None and not correction.teaches and not correction.note):
            continue
        fresh.append(correction)
        last[correction.key, correction.by] = correction
    if fresh:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / STORE).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(correction), ensure_ascii=False) + "\n" for correction in fresh)
    deciding = sum(correction.teaches or bool(correction.note) for correction in handed_in)
    return Added(len(fresh), max(deciding - len(fresh), 0))


def _decisions(corrections: Iterable[Correction]) -> list[list[Correction]]:
    """Return the latest teaching decision of each reviewer, by finding, in the order of the findings' first decision."""
    latest: dict[str, dict[str, Correction]] = {}
    for correction in corrections:
        latest.setdefault(correction.key, {})[correction.by] = correction
    by_finding = ([c for c in decided.values() if c.teaches] for decided in latest.values())
    return [decided for decided in by_finding if decided]


def conflicts_of(corrections: Iterable[Correction]) -> tuple[tuple[Correction, ...], ...]:
    """Return the findings that reviewers decided differently, each with its reviewers' decisions."""
    return tuple(
        tuple(decided)
        for decided in _decisions(corrections)
        if not all(decided[0].same_decision(other) for other in decided)
    )


def settled(corrections: Iterable[Correction]) -> list[Correction]:
    """Return one decision for each finding on which its reviewers agree."""
    return [
        decided[-1] for decided in _decisions(corrections) if all(decided[0].same_decision(other) for other in decided)
    ]


def rows_of_corrections(corrections: Iterable[Correction], known: Sequence[str], weight: float = 1.0) -> list[Row]:
    """Return the settled decisions as training rows of ``weight``; the notice is the group.

    Raises
    ------
    DataError
        If a label is not among ``known``.

    """
    rows = []
    for correction in settled(corrections):
        for label in correction.labels:
            if label not in known:
                raise DataError(
                    f"The correction of {correction.text[:20]!r} by {correction.by} names {label!r}, which is not in the "
                    f"taxonomy{closest(label, known)}"
                )
        labels = correction.labels if correction.finding else ()
        rows.append(
            Row(
                correction.text,
                labels,
                correction.heading,
                f"corrected {correction.notice}",
                finding=correction.finding,
                weight=weight,
            )
        )
    return rows
