"""Write findings to .jsonl, .csv or .xlsx; a file appears whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from ..data.taxonomy import Taxonomy
from ..errors import XuntagError
from .batch import FoundIn, Result, findings_of
from .workbook import workbook_bytes

SplitBy = Literal["responsible", "category", "group"]
SUFFIXES = (".jsonl", ".csv", ".xlsx")

CSV_HEADER = (
    "文件",
    "单位",
    "日期",
    "序号",
    "编号",
    "所属标题",
    "问题",
    "类别1",
    "类别2",
    "类别3",
    "分组",
    "置信度",
    "需人工核对",
    "整改措施",
    "完成情况",
    "责任",
    "时限",
    "位置",
)


def write_results(
    path: Path, results: Sequence[Result], taxonomy: Taxonomy, model: str, split_by: SplitBy | None = None
) -> None:
    """Write the findings of ``results``; the suffix decides the format.

    Raises
    ------
    XuntagError
        If the suffix is none of .jsonl, .csv and .xlsx, ``split_by`` is asked for another format than .xlsx, or the
        file cannot be written.

    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise XuntagError(f"Cannot write {path}: the output must end in {', '.join(SUFFIXES)}.")
    if split_by is not None and suffix != ".xlsx":
        raise XuntagError(f"--split-by makes sheets of a workbook; give an output that ends in .xlsx, not {suffix}.")
    found = findings_of(results)
    if suffix == ".jsonl":
        content = "".join(json.dumps(as_row(item), ensure_ascii=False) + "\n" for item in found).encode("utf-8")
    elif suffix == ".csv":
        content = _csv(found, taxonomy)
    else:
        content = workbook_bytes(results, taxonomy, model, split_by)
    write_atomically(path, content)


def write_atomically(path: Path, content: bytes) -> None:
    """Write ``content`` beside ``path`` and rename it, so that a reader never sees half a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    except OSError as exc:
        raise XuntagError(f"Cannot write {path}: {exc.strerror or exc}.") from exc
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(fresh).chmod(0o644)
        Path(fresh).replace(path)
    except OSError as exc:
        Path(fresh).unlink(missing_ok=True)
        raise XuntagError(
            f"Cannot write {path}: {exc.strerror or exc}. Close it in Excel or WPS if it is open there."
        ) from exc


def as_row(item: FoundIn) -> dict[str, Any]:
    """Return a finding as plain data, one JSONL row."""
    notice, finding = item.tagged.notice, item.finding
    return {
        "file": item.file,
        "title": notice.title,
        "organisation": notice.organisation,
        "date": notice.date,
        "index": finding.index,
        "text": finding.text,
        "start": finding.start,
        "end": finding.end,
        "heading": finding.heading,
        "number": finding.number,
        "place": finding.place,
        "labels": list(finding.labels),
        "scores": {label: round(score, 4) for label, score in finding.scores.items()},
        "finding": round(finding.finding, 4),
        "needs_review": finding.needs_review,
        "measures": finding.measures,
        "status": finding.status,
        "responsible": finding.responsible,
        "deadline": finding.deadline,
    }


def _csv(found: Sequence[FoundIn], taxonomy: Taxonomy) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(CSV_HEADER)
    for item in found:
        notice, finding = item.tagged.notice, item.finding
        names = [taxonomy.name_of(label) for label in finding.labels] + ["", "", ""]
        writer.writerow(
            _harmless(value)
            for value in (
                item.file,
                notice.organisation or "",
                notice.date or "",
                finding.index,
                finding.number,
                finding.heading,
                finding.text,
                *names[:3],
                taxonomy.group_of(finding.labels[0]) if finding.labels else "",
                f"{max(finding.scores.values()):.2f}",
                "是" if finding.needs_review else "",
                finding.measures,
                finding.status,
                finding.responsible,
                finding.deadline,
                finding.place,
            )
        )
    # Excel takes a CSV for the local code page unless it opens with a byte-order mark.
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8")


def _harmless(value: object) -> object:
    """Return ``value`` so that a spreadsheet shows it instead of running it as a formula."""
    if isinstance(value, str) and value.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value
