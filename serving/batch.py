"""Many notices in order: find the files, tag each, and let one bad file spoil nothing."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UnreadableNoticeError, XuntagError
from .tagger import Finding, TaggedNotice, Tagger

# What file managers and open office programs leave in a folder.
_LITTER = ("~$", ".", "Thumbs.db", "desktop.ini", "__MACOSX")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one input file: its tagged notice, or the error that says why not."""

    path: Path
    tagged: TaggedNotice | None
    error: XuntagError | None = None


@dataclass(frozen=True, slots=True)
class FoundIn:
    """A finding with the file and notice that it came from."""

    file: str
    tagged: TaggedNotice
    finding: Finding


def find_inputs(inputs: Sequence[str]) -> list[Path]:
    """Return the files that files, folders (with what lies under them) and patterns such as ``2023/*.docx`` name.

    Each file once, folders and patterns in sorted order, what file managers leave behind skipped.

    Raises
    ------
    UnreadableNoticeError
        If an input names nothing.

    """
    files: dict[Path, None] = {}
    for given in inputs:
        path = Path(given)
        if path.is_dir():
            found = [
                p
                for p in sorted(path.rglob("*"))
                if p.is_file() and not any(part.startswith(_LITTER) for part in p.relative_to(path).parts)
            ]
            if not found:
                raise UnreadableNoticeError(f"The folder {given} holds no files.")
        elif path.exists() or not glob.has_magic(given):
            found = [path]
        else:
            # Path.glob takes no absolute patterns.
            found = [p for p in map(Path, sorted(glob.glob(given, recursive=True))) if p.is_file()]  # noqa: PTH207
            if not found:
                raise UnreadableNoticeError(f"No file matches {given}.")
        files.update(dict.fromkeys(found))
    return list(files)


def tag_files(paths: Sequence[Path], tagger: Tagger) -> Iterator[Result]:
    """Yield the result of each file, in order; a file that cannot be read yields its error."""
    for path in paths:
        try:
            yield Result(path, tagger.tag_notice(path))
        except XuntagError as error:
            yield Result(path, None, error)


def findings_of(results: Sequence[Result]) -> list[FoundIn]:
    """Return all findings of the files that were read, in order; files of the same name are told apart by folder."""
    read = [result for result in results if result.tagged is not None]
    names = [result.path.name for result in read]
    found = []
    for result in read:
        name = result.path.name if names.count(result.path.name) == 1 else str(result.path)
        assert result.tagged is not None
        found += [FoundIn(name, result.tagged, finding) for finding in result.tagged.findings]
    return found
