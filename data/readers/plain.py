"""Text, CSV and JSONL in the encodings that Chinese offices use."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from ...errors import UnreadableNoticeError
from ..notice import CELL_SEPARATOR, RawLine

# Only these occur; charset-normalizer is right on every one of 640 notices so encoded, and on other candidates it would
# guess Korean or Japanese for a short text.
_ENCODINGS = ("utf_8", "gb18030", "big5hkscs", "utf_16", "utf_16_le", "utf_16_be")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_MAX_ROWS = 20_000


def decode(content: bytes, name: str) -> str:
    """Return the text of a file: UTF-8, GB18030, Big5 or UTF-16, with a byte-order mark or without.

    Raises
    ------
    UnreadableNoticeError
        If it is none of them.

    """
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            # A file cut off in the middle of a character loses that one alone.
            return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as exc:
        # Cut off inside the last character is not another encoding.
        if exc.reason == "unexpected end of data" and exc.start >= len(content) - 3:
            return content[: exc.start].decode("utf-8")
    from charset_normalizer import from_bytes

    best = from_bytes(content, cp_isolation=list(_ENCODINGS)).best()
    if best is None and len(content) > 2:
        best = from_bytes(content[:-1], cp_isolation=list(_ENCODINGS)).best()
    text = str(best) if best is not None else ""
    if not text or sum(c < " " and c not in "\t\r\n\f\v" for c in text) * 50 > len(text):
        raise UnreadableNoticeError(
            f"Cannot read {name}: it is not text in UTF-8, GB18030, Big5 or UTF-16. Open it in the program that wrote it and save it as .txt or .docx."
        )
    return text


def read_text(content: bytes, name: str) -> Iterator[RawLine]:
    """Yield the lines of a text file."""
    text = decode(content, name)
    if "\0" in text:
        raise UnreadableNoticeError(
            f"Cannot read {name}: it is not a text file. Open it in the program that wrote it and save it as .txt or .docx."
        )
    for number, line in enumerate(text.splitlines(), 1):
        yield RawLine(line, f"第{number}行")


def read_csv(content: bytes, name: str) -> Iterator[RawLine]:
    """Yield the rows of a CSV file; commas, semicolons, tabs and bars separate cells."""
    text = decode(content, name)
    sample = text[:20_000]
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(sample, delimiters=",;\t|，")
    except csv.Error:
        dialect = csv.excel
    # Quotation marks inside Chinese cells mislead the sniffer; the doubling of CSV is the rule.
    dialect.doublequote = True
    dialect.quotechar = '"'
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text.replace("\0", "")), dialect), 1):
            if number > _MAX_ROWS:
                raise UnreadableNoticeError(
                    f"Cannot read {name}: it has more than {_MAX_ROWS:,} rows. Split the table and run again."
                )
            yield table_line(row, tuple(f"{column_letter(i)}{number}" for i in range(1, len(row) + 1)), f"第{number}行")
    except csv.Error as exc:
        raise UnreadableNoticeError(
            f"Cannot read {name}: not valid CSV ({exc}). Save the table again as .csv or .xlsx."
        ) from exc


def read_jsonl(content: bytes, name: str) -> Iterator[RawLine]:
    """Yield the texts of a JSONL file, one object with "text" a line; a heading stands before its text in a table."""
    rows = []
    for number, line in enumerate(decode(content, name).splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as exc:
            raise UnreadableNoticeError(f"Cannot read {name}: line {number} is not valid JSON ({exc.msg}).") from exc
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise UnreadableNoticeError(f"Cannot read {name}: line {number} needs an object with a string 'text'.")
        rows.append((number, row["text"], row.get("heading") if isinstance(row.get("heading"), str) else ""))
    if any(heading for _, _, heading in rows):
        yield table_line(["问题类别", "问题"], (), "")
        for number, text, heading in rows:
            yield table_line([heading or "", text], (), f"第{number}行")
    else:
        for number, text, _ in rows:
            yield RawLine(text, f"第{number}行")


def table_line(cells: list[str], places: tuple[str, ...], place: str) -> RawLine:
    """Return a table row as a line; line breaks and tabs inside a cell become blanks."""
    flat = [" ".join(cell.split()) if cell else "" for cell in cells]
    return RawLine(CELL_SEPARATOR.join(flat), place, places)


def column_letter(number: int) -> str:
    """Return the letters of a column, 1 → A, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
