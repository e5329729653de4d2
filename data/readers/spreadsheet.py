"""Workbooks (.xlsx), row by row in constant memory."""

from __future__ import annotations

import datetime
import io
import warnings
from collections.abc import Iterator

from ...errors import UnreadableNoticeError
from ..notice import RawLine
from .plain import column_letter, table_line

_MAX_ROWS = 20_000
_MAX_COLUMNS = 200
# Sheets keep styled but empty rows to the end of the grid; after so many in a row nothing follows.
_EMPTY_ROWS_AT_END = 500


def read_xlsx(content: bytes, name: str) -> Iterator[RawLine]:
    """Yield the rows of all visible sheets; formulas give the value that was last computed.

    A merged cell has its value in its first cell, the others are empty: the ledger reader carries headings down.
    """
    import openpyxl

    total = 0
    try:
        with warnings.catch_warnings():
            # Validation lists and drawings that openpyxl drops do not concern a reader.
            warnings.simplefilter("ignore")
            workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            for sheet in workbook.worksheets:
                if sheet.sheet_state != "visible":
                    continue
                sheet.reset_dimensions()
                empty = 0
                for number, row in enumerate(sheet.iter_rows(max_col=_MAX_COLUMNS, values_only=True), 1):
                    cells = [_cell_text(value) for value in row]
                    while cells and not cells[-1]:
                        cells.pop()
                    if not cells:
                        empty += 1
                        if empty > _EMPTY_ROWS_AT_END:
                            break
                        continue
                    empty = 0
                    total += 1
                    if total > _MAX_ROWS:
                        raise UnreadableNoticeError(
                            f"Cannot read {name}: it has more than {_MAX_ROWS:,} rows. A ledger of findings is shorter; split the table and run again."
                        )
                    places = tuple(f"{sheet.title}!{column_letter(i)}{number}" for i in range(1, len(cells) + 1))
                    yield table_line(cells, places, f"{sheet.title}!{number}")
                yield RawLine("")
            workbook.close()
    except UnreadableNoticeError:
        raise
    except Exception as exc:  # openpyxl answers damaged files with errors of a dozen types
        raise UnreadableNoticeError(
            f"Cannot read {name}: the workbook is damaged. Open it in Excel or WPS, save it again as .xlsx, and run again."
        ) from exc


def _cell_text(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "是", False: "否"}[value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "minutes")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value).strip()
