"""Office files are zip archives: say which kind one is, and refuse what would unpack without end."""

from __future__ import annotations

import io
import zipfile
import zlib

from ...errors import UnreadableNoticeError

# The text of a notice unpacks to a few megabytes; pictures are stored as they are.
_MAX_UNPACKED = 300 * 1024 * 1024
_MAX_XML = 80 * 1024 * 1024
_MAX_ENTRIES = 10_000


def zip_kind(content: bytes, name: str) -> str:
    """Return "docx" or "xlsx"; refuse damaged and encrypted archives, zip bombs and other kinds."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            xml = [entry for entry in entries if entry.filename.endswith((".xml", ".rels"))]
            if (
                len(entries) > _MAX_ENTRIES
                or sum(e.file_size for e in entries) > _MAX_UNPACKED
                or any(e.file_size > _MAX_XML for e in xml)
            ):
                raise UnreadableNoticeError(
                    f"Cannot read {name}: unpacked it would exceed {_MAX_UNPACKED >> 20} MB; it may be a zip bomb. Save the text alone in a new file."
                )
            if any(entry.flag_bits & 1 for entry in entries):
                raise UnreadableNoticeError(
                    f"Cannot read {name}: it is encrypted. Save it without a password and run again."
                )
            for entry in xml:
                _refuse_entities(archive, entry, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as exc:
        raise UnreadableNoticeError(
            f"Cannot read {name}: the file is cut off or damaged. Copy or export it again and run again."
        ) from exc
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "[Content_Types].xml" in names:
        raise UnreadableNoticeError(
            f"Cannot read {name}: it is an office file, but neither a document nor a workbook. Save it as .docx or .xlsx."
        )
    raise UnreadableNoticeError(f"Cannot read {name}: it is an archive. Unpack it and give the files inside.")


def _refuse_entities(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> None:
    # Office files never declare entities; a file that does is an XML bomb or tries to read other files.
    with archive.open(entry) as stream:
        start = stream.read(65536)
    if b"<!ENTITY" in start or b"<!DOCTYPE" in start or "<!ENTITY".encode("utf-16-le") in start:
        raise UnreadableNoticeError(
            f"Cannot read {name}: its XML declares entities, as no office program does. Do not trust this file."
        )
