"""Write cells that look alike in every workbook, and that no spreadsheet program takes for formulas."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

_HEAD_FILL = PatternFill("solid", fgColor="FF2F5D8A")
_EDIT_FILL = PatternFill("solid", fgColor="FF4E8A5B")
_THIN = Side(style="thin", color="FFD5DAE0")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
WRAP = Alignment(wrap_text=True, vertical="top")
CENTRE = Alignment(horizontal="center", vertical="top", wrap_text=True)
FONT = "微软雅黑"
_MOST_CELL = 32_000
_MAX_LINES = 12


def put(sheet: Worksheet, row: int, column: int, value: object) -> Cell:
    """Write a value; a text is always text, never a formula, whatever it begins with."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    if isinstance(value, str):
        value = cell_text(value)
        cell.value = value
        if value.startswith(("=", "+", "-", "@")):
            cell.data_type = "s"
            cell.quotePrefix = True
    else:
        cell.value = value  # type: ignore[assignment]
    cell.font = Font(name=FONT, size=10)
    cell.alignment = WRAP
    cell.border = _GRID
    return cell


def cell_text(text: str) -> str:
    """Return ``text`` as a cell can hold it."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return text if len(text) <= _MOST_CELL else text[:_MOST_CELL] + "……（过长，未全部列出）"


def head(
    sheet: Worksheet, row: int, names: Sequence[str], widths: Sequence[int], edited: frozenset[str] = frozenset()
) -> None:
    """Write a header row and set the widths of its columns; columns in ``edited`` look as if they may be changed."""
    for column, (name, width) in enumerate(zip(names, widths, strict=True), 1):
        cell = put(sheet, row, column, name)
        cell.font = Font(name=FONT, size=10, bold=True, color="FFFFFFFF")
        cell.fill = _EDIT_FILL if name in edited else _HEAD_FILL
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.row_dimensions[row].height = 24


def fit_row(sheet: Worksheet, row: int, least: int = 1) -> None:
    """Make a row as high as its tallest cell needs; spreadsheet programs do not fit rows by themselves."""
    most = least
    for index, cell in enumerate(sheet[row], 1):
        column = sheet.column_dimensions[get_column_letter(index)]
        if not column.hidden:
            most = max(
                most,
                sum(
                    -(-_columns(line) // max(int(column.width) - 1, 1)) or 1
                    for line in str(cell.value or "").split("\n")
                ),
            )
    sheet.row_dimensions[row].height = 15 * min(most, _MAX_LINES)


def _columns(text: str) -> int:
    """Return the width of ``text`` in columns of digits; a Chinese character takes two."""
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)


def print_on_width(sheet: Worksheet) -> None:
    """Print on A4 across, as many pages high as it takes."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
