"""Take back the workbook of findings that an officer has corrected."""

from __future__ import annotations

import datetime
import getpass
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ..data.corrections import Correction
from ..data.normalise import normalise
from ..data.rows import closest
from ..data.taxonomy import OTHER
from ..errors import DataError
from ..serving.workbook import FINDINGS, FORMAT, HEADERS, PROVENANCE, REVIEW, REVIEWED, text_hash

_COLUMN = {name: index for index, name in enumerate(HEADERS)}
_CHOICES = ("类别1", "类别2", "类别3")
_MOST_FAULTS = 10


@dataclass(frozen=True, slots=True)
class Handback:
    """A workbook taken back.

    ``corrections`` holds a decision for every finding in it, changed or not; ``missing`` counts the findings whose rows are
    gone, which says nothing about them.
    """

    by: str
    corrections: tuple[Correction, ...]
    missing: int

    @property
    def changed(self) -> int:
        """Number of findings that the officer decided otherwise than the model, or added."""
        return sum(correction.teaches for correction in self.corrections)


@dataclass(frozen=True, slots=True)
class _Original:
    labels: tuple[str, ...]
    text_hash: str


@dataclass(slots=True)
class _Reading:
    """What is known while a workbook is read."""

    path: Path
    model: str
    ids: Mapping[str, str]
    originals: Mapping[str, _Original]
    by: str
    at: str
    faults: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    notices: dict[str, str] = field(default_factory=dict)

    def fault(self, row: int, column: str, what: str) -> None:
        self.faults.append(f"{FINDINGS}!{get_column_letter(_COLUMN[column] + 1)}{row}: {what}")


def read_handback(path: Path, by: str | None = None) -> Handback:
    """Read the workbook ``path`` that `xuntag tag` wrote and an officer corrected, whatever program saved it.

    Parameters
    ----------
    path : the .xlsx file.
    by : who corrected it; otherwise the name under which the spreadsheet program saved it, else the user's.

    Raises
    ------
    DataError
        If it is no such workbook, its structure was changed, a category is unknown, a finding's text was changed or a row was
        copied. Every cell is named, and nothing of the workbook is taken.

    """
    workbook = open_workbook(path)
    about, originals = _provenance(path, workbook)
    sheet = workbook[FINDINGS]
    _check_headers(path, sheet)
    saved = workbook.properties.modified or datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC)
    reading = _Reading(
        path,
        about["model"],
        {name: label for label, name in json.loads(about["categories"]).items()},
        originals,
        by or workbook.properties.lastModifiedBy or getpass.getuser(),
        saved.replace(tzinfo=None).isoformat(timespec="seconds") + "Z",
    )
    cells = [
        (number, ["" if value is None else str(value).strip() for value in values[: len(HEADERS)]])
        for number, values in enumerate(sheet.iter_rows(min_row=2, values_only=True), 2)
    ]
    cells = [(number, values) for number, values in cells if any(values)]
    for _, values in cells:
        key = values[_COLUMN["标识"]]
        if key:
            reading.notices.setdefault(values[_COLUMN["文件"]], key.split(":")[0])
    corrections = tuple(_corrections(reading, cells))
    if reading.faults:
        more = len(reading.faults) - _MOST_FAULTS
        raise DataError(
            f"{path} cannot be taken back; nothing was imported. "
            + " ".join(reading.faults[:_MOST_FAULTS])
            + (f" And {more} more." if more > 0 else "")
        )
    return Handback(reading.by, corrections, len(originals.keys() - reading.rows.keys()))


def open_workbook(path: Path) -> Workbook:
    """Return the workbook ``path``; raises ``DataError`` where it cannot be read."""
    try:
        # An .xlsx is a zip file whatever it is called; openpyxl looks at the name.
        with path.open("rb") as file:
            return load_workbook(file, data_only=True)
    except (OSError, BadZipFile, InvalidFileException, KeyError, ValueError) as exc:
        raise DataError(
            f"Cannot read {path}: it is missing, damaged, encrypted or no .xlsx workbook. Save it as .xlsx without a password and import again."
        ) from exc


def _provenance(path: Path, workbook: Workbook) -> tuple[dict[str, str], dict[str, _Original]]:
    for name in (FINDINGS, PROVENANCE):
        if name not in workbook.sheetnames:
            raise DataError(
                f"{path} has no sheet {name!r}: it is not a workbook that `xuntag tag -o findings.xlsx` wrote, or the sheet was "
                "renamed or deleted. Copy the corrections into the original workbook and import that."
            )
    about: dict[str, str] = {}
    originals: dict[str, _Original] = {}
    for kind, *rest in workbook[PROVENANCE].iter_rows(values_only=True):
        if kind == "finding":
            key, labels, digest = (str(value) for value in rest[:3])
            originals[key] = _Original(tuple(json.loads(labels)), digest)
        elif kind is not None:
            about[str(kind)] = str(rest[0])
    if about.get("format") != FORMAT:
        raise DataError(
            f"{path} is a workbook of format {about.get('format')}, this xuntag takes back format {FORMAT}. Tag the notices again."
        )
    return about, originals


def _check_headers(path: Path, sheet: Worksheet) -> None:
    found = [str(cell.value or "").strip() for cell in sheet[1]]
    found += [""] * (len(HEADERS) - len(found))
    for index, (is_, wanted) in enumerate(zip(found, HEADERS, strict=False)):
        if is_ != wanted:
            raise DataError(
                f"{path} cannot be taken back: {FINDINGS}!{get_column_letter(index + 1)}1 must be {wanted!r} and is {is_!r}. Columns "
                "may be filtered and sorted by, not moved, deleted or renamed."
            )


def _corrections(reading: _Reading, cells: Sequence[tuple[int, list[str]]]) -> Iterator[Correction]:
    for number, values in cells:
        cell = {name: values[index] for name, index in _COLUMN.items()}
        key, text = cell["标识"], normalise(cell["问题"])
        original = reading.originals.get(key)
        if not text:
            reading.fault(number, "问题", "the finding's text is missing; write it, or clear the whole row.")
            continue
        if key and original is None:
            reading.fault(number, "标识", f"{key!r} is no finding of this workbook; clear the cell of an added row.")
            continue
        if key in reading.rows:
            reading.fault(number, "标识", f"the same finding as in row {reading.rows[key]}; delete the copy.")
            continue
        if original is not None and text_hash(cell["问题"]) != original.text_hash:
            reading.fault(
                number,
                "问题",
                "the finding's text was changed; undo that, or mark it 不是问题 and add the right text as a new row.",
            )
            continue
        labels, finding = _decision(reading, number, cell)
        if original is None:
            if not finding:
                reading.fault(
                    number, "不是问题", "a row without 标识 is an added finding; it cannot be marked 不是问题."
                )
                continue
            key = _key_of_added(cell["文件"], text)
        reading.rows[key] = number
        yield Correction(
            key,
            text,
            labels if finding else (),
            finding,
            original.labels if original else None,
            normalise(cell["所属标题"]),
            reading.notices.get(cell["文件"], key.split(":")[-1]),
            cell["备注"],
            reading.by,
            reading.at,
            reading.model,
            reading.path.name,
            cell["核对"] == REVIEWED,
        )


def _decision(reading: _Reading, number: int, cell: Mapping[str, str]) -> tuple[tuple[str, ...], bool]:
    labels: list[str] = []
    for column in _CHOICES:
        name = cell[column]
        if not name:
            continue
        label = reading.ids.get(name) or (name if name in reading.ids.values() else None)
        if label is None:
            reading.fault(number, column, f"unknown category {name!r}{closest(name, reading.ids)}")
        elif label in labels:
            reading.fault(number, column, f"{name!r} is given twice in the row.")
        else:
            labels.append(label)
    if not labels and OTHER in reading.ids.values() and cell["不是问题"] != "是":
        reading.fault(
            number, "类别1", "a finding needs a category; where none fits choose 其他, where it is none mark 不是问题."
        )
    if labels and not cell["类别1"]:
        reading.fault(number, "类别1", "is empty while a further category is given; the main category goes first.")
    if cell["核对"] not in ("", REVIEW, REVIEWED):
        reading.fault(number, "核对", f"must be empty, {REVIEW} or {REVIEWED}, and is {cell['核对']!r}.")
    if cell["不是问题"] not in ("", "是"):
        reading.fault(number, "不是问题", f"must be empty or 是, and is {cell['不是问题']!r}.")
    return tuple(labels), cell["不是问题"] != "是"


def _key_of_added(file: str, text: str) -> str:
    return "added:" + hashlib.sha256(f"{file}\t{text}".encode()).hexdigest()[:16]
