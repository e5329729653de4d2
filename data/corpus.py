"""The bundled labelled corpus: whole notices with their findings marked in place, split by notice.

A notice is a text file: a header of ``key: value`` lines, a blank line, then the notice as it was published with each
finding marked ``[[finding text|primary,second]]``. Everything outside the marks is not a finding. The folder a file lies
in (``train``, ``dev``, ``test``) is its split.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from ..errors import DataError
from .normalise import damage_of, normalise_lines
from .notice import Notice, RawLine
from .read import notice_from_lines
from .rows import Row, closest
from .structure import Block, blocks_of
from .tables import row_candidates
from .taxonomy import Taxonomy, health

Split = Literal["train", "dev", "test"]
SPLITS: tuple[Split, ...] = ("train", "dev", "test")

_MARK = re.compile(r"\[\[(?P<text>.+?)\|(?P<labels>[^|\[\]]+)\]\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class GoldFinding:
    """A marked finding: ``notice.text[start:end]`` and its labels, primary first."""

    start: int
    end: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnnotatedNotice:
    """A notice of the corpus with its header fields and marked findings."""

    id: str
    split: str
    header: dict[str, str]
    notice: Notice
    findings: tuple[GoldFinding, ...]


def parse_annotated(text: str, source: str, split: str, taxonomy: Taxonomy) -> AnnotatedNotice:
    """Read one annotated notice.

    Raises
    ------
    DataError
        If the header lacks an id, a mark does not parse, or a label is unknown; file and line are named.

    """
    head, _, body = text.partition("\n\n")
    header = {
        key.strip(): value.split(" #")[0].strip()
        for key, _, value in (line.partition(":") for line in head.splitlines())
    }
    if not header.get("id"):
        raise DataError(f"{source}: the header needs a line 'id: …' before the first blank line.")
    pieces: list[tuple[str, tuple[str, ...] | None]] = []
    at = 0
    for match in _MARK.finditer(body):
        labels = tuple(label.strip() for label in match.group("labels").split(","))
        for label in labels:
            if label not in taxonomy.by_id:
                line = head.count("\n") + 3 + body.count("\n", 0, match.start())
                raise DataError(
                    f"{source} line {line}: label {label!r} is not in the taxonomy{closest(label, taxonomy.ids)}"
                )
        pieces += [(body[at : match.start()], None), (match.group("text"), labels)]
        at = match.end()
    pieces.append((body[at:], None))
    plain = "".join(piece for piece, _ in pieces)
    for mark in ("[[", "]]"):
        if mark in plain:
            line = head.count("\n") + 3 + body.count("\n", 0, body.find(mark))
            raise DataError(
                f"{source} near line {line}: a mark does not parse; write [[finding|label]] or [[finding|label,label]]."
            )
    notice = notice_from_lines([RawLine(plain)], source=source)
    return AnnotatedNotice(header["id"], split, header, notice, tuple(_locate(pieces, plain, notice.text, source)))


def _locate(
    pieces: Sequence[tuple[str, tuple[str, ...] | None]], plain: str, text: str, source: str
) -> Iterator[GoldFinding]:
    """Yield the marked pieces at their offsets in the normalised text.

    Normalising moves and rewrites punctuation but keeps the order of letters and characters, so pieces are counted in those.
    """
    positions = [i for i, c in enumerate(text) if c.isalnum()]
    damage = damage_of(plain)
    at = 0
    for piece, labels in pieces:
        cleaned = "\n".join(line.text for line in normalise_lines([RawLine(piece)], damage))
        size = sum(c.isalnum() for c in cleaned)
        if labels is not None:
            if size == 0 or at + size > len(positions):
                raise DataError(f"{source}: the finding {piece[:20]!r} cannot be found again in the normalised text.")
            start, end = positions[at], positions[at + size - 1] + 1
            while start and text[start - 1] in "“《（‘【*_×" and cleaned.lstrip()[:1] == text[start - 1]:
                start -= 1
            while end < len(text) and text[end] in "”》）’】%*_×" and cleaned.rstrip()[-1:] in "”》）’】%*_×":
                end += 1
            yield GoldFinding(start, end, labels)
        at += size


@functools.cache
def bundled(split: Split | None = None) -> tuple[AnnotatedNotice, ...]:
    """Return the notices of the bundled corpus, of one split or of all."""
    root = resources.files(__package__) / "corpus"
    notices = []
    for name in SPLITS if split is None else (split,):
        folder = root / name
        for entry in sorted((e for e in folder.iterdir() if e.name.endswith(".txt")), key=lambda e: e.name):
            notices.append(
                parse_annotated(entry.read_text(encoding="utf-8"), f"corpus/{name}/{entry.name}", name, health())
            )
    return tuple(notices)


def load_annotated(folder: str | Path, taxonomy: Taxonomy) -> list[AnnotatedNotice]:
    """Read annotated notices of your own from ``folder/train``, ``folder/dev`` and ``folder/test`` (any may be absent)."""
    folder = Path(folder)
    notices = [
        parse_annotated(path.read_text(encoding="utf-8-sig"), str(path), split, taxonomy)
        for split in SPLITS
        for path in sorted((folder / split).glob("*.txt"))
    ]
    if not notices:
        raise DataError(f"{folder} holds no annotated notices; expected {folder}/train/*.txt, dev/*.txt or test/*.txt.")
    return notices


def rows_of(annotated: AnnotatedNotice) -> list[Row]:
    """Return the rows that a notice gives for training: its findings, and its other clauses as no finding.

    A title that only leads in to findings (（三）管理粗放。) is worded like one; it is neither.
    """
    notice = annotated.notice
    gold = [(finding.start, finding.end) for finding in annotated.findings]
    places: list[tuple[int, int, str, bool]] = []
    blocks = blocks_of(notice)
    leading = _leading(blocks, gold)
    for block in blocks:
        for clause in block.clauses:
            heading = " > ".join((*block.headings, clause.lead) if clause.lead else block.headings)
            places.append((clause.start, clause.end, heading, id(clause) in leading))
    places += [(row.start, row.end, row.heading, False) for row in row_candidates(notice)]
    rows = []
    for finding in annotated.findings:
        heading = next((h for start, end, h, _ in places if start < finding.end and finding.start < end), "")
        rows.append(
            Row(notice.text[finding.start : finding.end], finding.labels, heading, annotated.id, annotated.split)
        )
    for start, end, heading, leads in places:
        if not leads and not _overlaps(start, end, gold):
            rows.append(Row(notice.text[start:end], (), heading, annotated.id, annotated.split, finding=False))
    return rows


def _leading(blocks: Sequence[Block], gold: Sequence[tuple[int, int]]) -> set[int]:
    """Return the ids of clauses that lead in to findings below them or behind them in the same part."""
    leading: set[int] = set()
    for block in blocks:
        holding = {clause.part for clause in block.clauses if _overlaps(clause.start, clause.end, gold)}
        if holding:
            parent = block.parent
            while parent is not None:
                leading.update(id(clause) for clause in parent.clauses)
                parent = parent.parent
        first: set[int] = set()
        for clause in block.clauses:
            if clause.part not in first and (clause.part in holding or (clause.part == 0 and holding)):
                leading.add(id(clause))
            first.add(clause.part)
    return leading


def _overlaps(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < b and a < end for a, b in spans)


def corpus_hash(notices: Sequence[AnnotatedNotice]) -> str:
    """Return the SHA-256 of texts, marks and splits, independent of the order of files."""
    digest = hashlib.sha256()
    for annotated in sorted(notices, key=lambda n: (n.split, n.id)):
        marks = ";".join(f"{f.start}-{f.end}:{','.join(f.labels)}" for f in annotated.findings)
        digest.update(f"{annotated.split}\0{annotated.id}\0{annotated.notice.text}\0{marks}\0".encode())
    return digest.hexdigest()
