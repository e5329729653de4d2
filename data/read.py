"""Files into notices: find out what a file really is, read its lines, normalise them, and note what they say of themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from ..errors import UnreadableNoticeError
from .describe import describe
from .normalise import normalise_lines
from .notice import Line, Notice, RawLine
from .readers.plain import read_csv, read_jsonl, read_text
from .readers.spreadsheet import read_xlsx
from .readers.word import read_docx
from .readers.zipped import zip_kind

SUFFIXES = (".txt", ".md", ".docx", ".xlsx", ".csv", ".jsonl")

# A notice is a few pages; what is larger is a scan, a data dump or an attack.
MAX_BYTES = 50 * 1024 * 1024
MAX_CHARACTERS = 4_000_000

_Reader = Callable[[bytes, str], Iterable[RawLine]]
_READERS: dict[str, _Reader] = {
    "docx": read_docx,
    "xlsx": read_xlsx,
    "csv": read_csv,
    "jsonl": read_jsonl,
    "text": read_text,
}

# First bytes of formats that are refused, with the way out.
_REFUSED: tuple[tuple[bytes, str], ...] = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "it is an old .doc/.xls or a password-protected file. Open it in Word, Excel or WPS, save it as .docx or "
        ".xlsx without a password, and run again.",
    ),
    (b"%PDF", "it is a PDF. Save it as .docx, or copy its text into a .txt file, and run again."),
    (b"{\\rtf", "it is an RTF file. Open it in Word or WPS, save it as .docx, and run again."),
    (b"\x89PNG", "it is a picture. Type or recognise its text into a .txt or .docx file, and run again."),
    (b"\xff\xd8\xff", "it is a picture. Type or recognise its text into a .txt or .docx file, and run again."),
    (b"GIF8", "it is a picture. Type or recognise its text into a .txt or .docx file, and run again."),
    (b"Rar!", "it is an archive. Unpack it and give the files inside."),
    (b"7z\xbc\xaf", "it is an archive. Unpack it and give the files inside."),
    (b"\x1f\x8b", "it is an archive. Unpack it and give the files inside."),
)


def read_notice(
    path: str | Path | None = None, *, text: str | None = None, data: bytes | None = None, filename: str = ""
) -> Notice:
    """Read a notice from a file, a text, or the bytes of a file.

    Parameters
    ----------
    path : .txt, .md, .docx, .xlsx, .csv or .jsonl file. What it holds decides, not what it is called.
    text : the notice itself.
    data, filename : the bytes of a file and its name.

    Returns
    -------
    Notice
        ``text`` is normalised; tables are lines of tab-separated cells. What the text does not say is None.

    Raises
    ------
    UnreadableNoticeError
        If the file is empty, cut off, encrypted, too large (over 50 MB, or 4,000,000 characters of text) or of a format that is not
        read; the message names it and the way out.
    TypeError
        If not exactly one of path, text and data is given, or it is of another type.

    """
    if sum(given is not None for given in (path, text, data)) != 1:
        raise TypeError("read_notice() needs exactly one of path, text=… or data=….")
    if text is not None:
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, got {type(text).__name__}.")
        lines = (RawLine(line, f"第{number}行") for number, line in enumerate(text.split("\n"), 1))
        return notice_from_lines(lines, filename)
    if path is not None:
        path = Path(path)
        return _from_bytes(_content(path), path.name)
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"data must be the bytes of a file, got {type(data).__name__}.")
    return _from_bytes(bytes(data), filename or "notice")


def notice_from_lines(raw: Iterable[RawLine], source: str = "") -> Notice:
    """Normalise the lines of a notice and note what they say of themselves."""
    lines, at = [], 0
    kept = normalise_lines(raw)
    for line in kept:
        lines.append(Line(at, at + len(line.text), line.place, line.cell_places))
        at += len(line.text) + 1
    text = "\n".join(line.text for line in kept)
    if len(text) > MAX_CHARACTERS:
        raise UnreadableNoticeError(
            f"Cannot read {source or 'the text'}: it holds {len(text):,} characters, more than {MAX_CHARACTERS:,}. Split it and run again."
        )
    return describe(Notice(text, source=source, lines=tuple(lines)))


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise UnreadableNoticeError(f"Cannot read {path}: it is a folder; give the files in it.")
        if size > MAX_BYTES:
            raise UnreadableNoticeError(_too_large(path.name, size))
        return path.read_bytes()
    except FileNotFoundError as exc:
        raise UnreadableNoticeError(f"Cannot read {path}: there is no such file.") from exc
    except OSError as exc:
        raise UnreadableNoticeError(f"Cannot read {path}: {exc.strerror or exc}.") from exc


def _too_large(name: str, size: int) -> str:
    return (
        f"Cannot read {name}: it is {size / 1e6:.0f} MB, more than {MAX_BYTES / 1e6:.0f} MB. "
        "Take out pictures and attachments, or split it, and run again."
    )


def _from_bytes(content: bytes, name: str) -> Notice:
    if len(content) > MAX_BYTES:
        raise UnreadableNoticeError(_too_large(name, len(content)))
    if not content.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise UnreadableNoticeError(f"Cannot read {name}: the file is empty. Export or copy it again.")
    notice = notice_from_lines(_READERS[_format(content, name)](content, name), name)
    if not notice.text.strip():
        raise UnreadableNoticeError(
            f"Cannot read {name}: it holds no text. If the notice is a picture inside the file, type or recognise its text first."
        )
    return notice


def _format(content: bytes, name: str) -> str:
    """Return which reader reads ``content``; the name only tells kinds of plain text apart."""
    for magic, why in _REFUSED:
        if content.startswith(magic):
            raise UnreadableNoticeError(f"Cannot read {name}: {why}")
    if content.startswith(b"PK"):
        return zip_kind(content, name)
    suffix = Path(name).suffix.lower()
    if suffix in (".docx", ".xlsx") and b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableNoticeError(
            f"Cannot read {name}: it is not a {suffix} file, or it is damaged. Open it in Word, Excel or WPS, save it again as {suffix}, and run again."
        )
    return {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl"}.get(suffix, "text")
