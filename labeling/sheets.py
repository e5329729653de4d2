"""The workbooks of the labelling loop: what to look at again, and what two readings disagree on."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ..data.rows import closest
from ..data.taxonomy import Taxonomy
from ..errors import DataError
from ..models.base import Classifier
from ..serving.batch import Result, findings_of
from ..serving.outputs import write_atomically, write_results
from ..serving.sheets import CENTRE, fit_row, head, print_on_width, put
from .agreement import Agreement, Labels
from .handback import open_workbook
from .suggest import suggest
from .suspects import Suspect

_CATEGORIES = "类别"
_DISAGREEMENTS = "两读不同"
_READINGS = [("序号", 6), ("问题", 70), ("甲读", 24), ("乙读", 24)]
_DECIDED = [("类别1", 17), ("类别2", 15), ("类别3", 15), ("备注", 24)]
_KEY = "标识"


def write_suspects(path: Path, suspects: Sequence[Suspect], taxonomy: Taxonomy) -> None:
    """Write the suspects in their order, with columns in which a person decides."""
    rows = [
        (
            number,
            suspect.row.group,
            suspect.row.heading,
            suspect.row.text,
            _names(suspect.row.labels, taxonomy),
            taxonomy.name_of(suspect.suggested),
            round(suspect.margin, 2),
        )
        for number, suspect in enumerate(suspects, 1)
    ]
    columns = [("序号", 6), ("通报", 12), ("所属标题", 24), ("问题", 64), ("现类别", 22), ("疑应为", 18), ("把握差", 8)]
    write_atomically(path, _workbook("疑似标错", columns, rows, taxonomy))


def write_suggested(path: Path, results: Sequence[Result], model: Classifier, most: int) -> tuple[int, int]:
    """Write the workbook of ``results`` with what is best labelled next alone; return how many findings that is, of how many."""
    found = [item.finding for item in findings_of(results)]
    chosen = suggest(model, [f.text for f in found], [f.heading for f in found], most)
    kept = {id(found[index]) for index in chosen}
    narrowed = [
        replace(
            result,
            tagged=result.tagged
            and replace(result.tagged, findings=tuple(f for f in result.tagged.findings if id(f) in kept)),
        )
        for result in results
    ]
    write_results(path, narrowed, model.taxonomy, model.name)
    return len(chosen), len(found)


def write_disagreements(
    path: Path,
    result: Agreement,
    first: Mapping[str, Labels],
    second: Mapping[str, Labels],
    texts: Mapping[str, str],
    taxonomy: Taxonomy,
) -> None:
    """Write the findings that two readings disagree on, with columns in which a person decides."""
    rows = [
        (number, texts[key], _names(first[key], taxonomy), _names(second[key], taxonomy))
        for number, key in enumerate(result.disagreements, 1)
    ]
    keys = [_short(key) for key in result.disagreements]
    write_atomically(path, _workbook(_DISAGREEMENTS, _READINGS, rows, taxonomy, keys))


def read_resolutions(path: Path, keys: Sequence[str], taxonomy: Taxonomy) -> dict[str, Labels]:
    """Return what a person decided in the workbook that ``write_disagreements`` wrote, under the keys of the readings.

    Findings without a decision are left out.

    Raises
    ------
    DataError
        If it is no such workbook, a category is unknown, or a row belongs to none of ``keys``; the cell is named.

    """
    workbook = open_workbook(path)
    if _DISAGREEMENTS not in workbook.sheetnames:
        raise DataError(
            f"{path} has no sheet {_DISAGREEMENTS!r}: it is not a workbook that `xuntag label agreement -o` wrote."
        )
    sheet = workbook[_DISAGREEMENTS]
    names = [str(cell.value or "") for cell in sheet[1]]
    wanted = [*(name for name, _ in (*_READINGS, *_DECIDED)), _KEY]
    if names[: len(wanted)] != wanted:
        raise DataError(f"{path}: row 1 of {_DISAGREEMENTS} must read {'、'.join(wanted)}; columns may not be moved.")
    known = {_short(key): key for key in keys}
    ids = {category.name: category.id for category in taxonomy.categories}
    choices = [(names.index(name), name) for name, _ in _DECIDED if name.startswith("类别")]
    decided: dict[str, Labels] = {}
    for number, values in enumerate(sheet.iter_rows(min_row=2, values_only=True), 2):
        cells = ["" if value is None else str(value).strip() for value in values]
        chosen = [(column, cells[column]) for column, _ in choices if cells[column]]
        if not chosen:
            continue
        key = known.get(cells[len(wanted) - 1])
        if key is None:
            raise DataError(
                f"{path}, {_DISAGREEMENTS}!A{number}: this row belongs to no disagreement of the two readings."
            )
        for column, name in chosen:
            if name not in ids:
                where = f"{_DISAGREEMENTS}!{get_column_letter(column + 1)}{number}"
                raise DataError(f"{path}, {where}: unknown category {name!r}{closest(name, ids)}")
        decided[key] = tuple(dict.fromkeys(ids[name] for _, name in chosen))
    return decided


def _names(labels: Labels, taxonomy: Taxonomy) -> str:
    return "、".join(taxonomy.name_of(label) for label in labels) or "无"


def _short(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8")).hexdigest()[:16]


def _workbook(
    title: str,
    columns: Sequence[tuple[str, int]],
    rows: Sequence[tuple[object, ...]],
    taxonomy: Taxonomy,
    keys: Sequence[str] = (),
) -> bytes:
    """Return a workbook whose sheet ``title`` holds ``rows``, four empty columns for a person's decision and ``keys``, hidden."""
    decided = _DECIDED
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    names = [name for name, _ in (*columns, *decided)]
    head(sheet, 1, names, [width for _, width in (*columns, *decided)], frozenset(name for name, _ in decided))
    for row, values in enumerate(rows, 2):
        for column, value in enumerate((*values, "", "", "", ""), 1):
            cell = put(sheet, row, column, value)
            if isinstance(value, int | float):
                cell.alignment = CENTRE
        fit_row(sheet, row)
    if keys:
        for row, key in enumerate((_KEY, *keys), 1):
            put(sheet, row, len(names) + 1, key)
        sheet.column_dimensions[get_column_letter(len(names) + 1)].hidden = True
    listed = workbook.create_sheet(_CATEGORIES)
    head(listed, 1, ["类别", "说明"], [20, 90])
    for row, category in enumerate(taxonomy.categories, 2):
        put(listed, row, 1, category.name)
        put(listed, row, 2, category.definition)
        fit_row(listed, row)
    choice = DataValidation("list", formula1=f"='{_CATEGORIES}'!$A$2:$A${len(taxonomy.ids) + 1}", allow_blank=True)
    first = len(columns) + 1
    choice.add(f"{get_column_letter(first)}2:{get_column_letter(first + 2)}{max(len(rows) + 1, 2)}")
    sheet.add_data_validation(choice)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{len(rows) + 1}"
    print_on_width(sheet)
    print_on_width(listed)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()
