"""Find the findings of a notice: the layout says where one can stand, the model whether the words state one.

Each clause gets the model's probability that it states a finding. The layout shifts it: an item with measures behind it is
almost surely a finding, a clause under 整改要求 almost surely none. Clauses are then put together by the unit of a finding:
an item is one with its details, running prose is cut at ；and 。, a quoted problem counts where nothing stands under it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .commas import Judge, Statement, stretches_between_commas
from .items import is_row_of_findings
from .markers import parse_marker
from .notice import Kind, Notice
from .structure import Block, Clause, blocks_of
from .tables import RowCandidate, row_candidates

# What the layout adds to the model's log-odds, fitted by logistic regression on the out-of-fold probabilities of the
# training notices (``training.layout.fit_layout`` returns this table).
WEIGHTS: dict[str, float] = {
    "bias": -0.91,
    "logit": 0.6,
    "around": 0.18,
    "findings": 0.19,
    "actions": -0.18,
    "measures": -1.8,
    "item": 1.66,
    "line": 1.37,
    "quoted": 1.17,
    "named": 2.82,
    "likely": 0.45,
    "guessed": 0.55,
    "followed": -0.1,
    "answered": 2.94,
    "detail": -0.5,
    "speech": -0.52,
}
FEATURES = tuple(WEIGHTS)

# A candidate below _DROP is left out, one between _DROP and _SURE is returned and asks for review; what is left out but
# not far below is mentioned in the notice's review reasons.
_MENTION, _DROP, _SURE = 0.25, 0.40, 0.75
_MOST_LOGIT = 8.0


@dataclass(frozen=True, slots=True)
class Extracted:
    """A finding before it is tagged: ``notice.text[start:end]`` and what the notice says of it."""

    start: int
    end: int
    heading: str
    number: str
    place: str
    measures: str
    status: str
    responsible: str
    deadline: str
    probability: float
    doubtful: bool


@dataclass(slots=True)
class Piece:
    """A clause or table cell in reading order, its place in the layout, and the judgement of it."""

    start: int
    end: int
    heading: str
    block: Block | None = None
    clause: Clause | None = None
    row: RowCandidate | None = None
    probability: float = 0.0

    @property
    def accepted(self) -> bool:
        """True if the piece is taken for (part of) a finding."""
        return self.probability >= _DROP


@dataclass(frozen=True, slots=True)
class _Unit:
    start: int
    end: int
    piece: Piece
    probability: float


def extract(notice: Notice, judge: Judge) -> tuple[list[Extracted], tuple[str, ...]]:
    """Return the findings of ``notice`` in order, and in Chinese why a person should look at the whole notice."""
    pieces = judged_pieces(notice, judge)
    units = _split_at_commas(notice, _units(notice.text, pieces), judge)
    findings = [_describe(notice, unit) for unit in units]
    return findings, _reasons(notice, pieces, units)


def pieces_of(notice: Notice) -> list[Piece]:
    """Return every stretch of ``notice`` that could state a finding, in reading order."""
    pieces = [
        Piece(clause.start, clause.end, _heading(block, clause), block, clause)
        for block in blocks_of(notice)
        for clause in block.clauses
    ]
    pieces += [Piece(row.start, row.end, row.heading, row=row) for row in row_candidates(notice)]
    return sorted(pieces, key=lambda piece: (piece.start, piece.end))


def judged_pieces(notice: Notice, judge: Judge) -> list[Piece]:
    """Return the pieces of ``notice`` with the probability that each is (part of) a finding where it stands."""
    pieces = pieces_of(notice)
    if pieces:
        probabilities, _ = judge([notice.text[p.start : p.end] for p in pieces], [p.heading for p in pieces])
        for piece, probability in zip(pieces, _with_layout(pieces, probabilities, notice.kind), strict=True):
            piece.probability = float(probability)
    return pieces


def _heading(block: Block, clause: Clause) -> str:
    return " > ".join((*block.headings, clause.lead) if clause.lead else block.headings)


def layout_features(pieces: Sequence[Piece], probabilities: NDArray[np.float64], kind: Kind) -> NDArray[np.float64]:
    """Return (n, F), columns as ``FEATURES``: what the layout and the neighbours say about each piece."""
    safe = np.clip(probabilities, 1e-9, 1 - 1e-9)
    logits = np.clip(np.log(safe / (1 - safe)), -_MOST_LOGIT, _MOST_LOGIT)
    column = {name: index for index, name in enumerate(FEATURES)}
    table = np.zeros((len(pieces), len(FEATURES)))
    table[:, column["bias"]] = 1
    table[:, column["logit"]] = logits
    table[:, column["speech"]] = kind == "speech"
    for index, piece in enumerate(pieces):
        near = [logits[i] for i in (index - 2, index - 1, index + 1, index + 2) if 0 <= i < len(pieces)]
        told = {"around": float(np.mean(near)) if near else 0.0}
        if piece.row is not None:
            told[piece.row.column] = 1.0
        elif piece.block is not None and piece.clause is not None:
            block, clause = piece.block, piece.clause
            first = clause is block.clauses[0]
            if clause.zone != "neutral":
                told[clause.zone] = 1.0
            if block.form != "prose":
                told[block.form] = 1.0
            told["measures"] = float(clause.in_measures)
            told["followed"] = float(bool(block.measures) and first)
            told["answered"] = float(block.answered and not clause.in_measures)
            told["detail"] = float(block.form in ("item", "quoted") and not first)
        for name, value in told.items():
            table[index, column[name]] = value
    return table


def _with_layout(pieces: Sequence[Piece], probabilities: NDArray[np.float64], kind: Kind) -> NDArray[np.float64]:
    odds = layout_features(pieces, probabilities, kind) @ np.array([WEIGHTS[name] for name in FEATURES])
    return np.asarray(1 / (1 + np.exp(-odds)))


def _units(text: str, pieces: Sequence[Piece]) -> list[_Unit]:
    """Put accepted pieces together by the unit of a finding."""
    units: list[_Unit] = []
    for piece in pieces:
        if piece.row is not None and piece.row.column == "named" and piece.probability >= _IN_NAMED_COLUMN:
            # What stands in the column 反馈问题 is a finding; where the model does not see it, a person should look.
            piece.probability = max(piece.probability, _DROP)
        if piece.row is not None and piece.accepted:
            units.append(_Unit(piece.start, piece.end, piece, piece.probability))
    by_block: dict[int, list[Piece]] = {}
    blocks: list[Block] = []
    for piece in pieces:
        if piece.block is not None:
            if id(piece.block) not in by_block:
                blocks.append(piece.block)
            by_block.setdefault(id(piece.block), []).append(piece)
    leads: set[int] = set()
    # From the last block to the first, so that each knows whether findings stand under it.
    for block in reversed(blocks):
        own = _units_of_block(text, block, by_block[id(block)], id(block) in leads)
        units += own
        if (own or id(block) in leads) and block.parent is not None:
            leads.add(id(block.parent))
    return sorted(units, key=lambda unit: unit.start)


def _units_of_block(text: str, block: Block, pieces: Sequence[Piece], leads: bool) -> list[_Unit]:
    parts: dict[int, list[Piece]] = {}
    for piece in pieces:
        assert piece.clause is not None
        part_ = piece.clause.part
        if block.form == "quoted" and block.answered and parts and piece.clause.number == block.number:
            # 关于……的问题。反馈指出，…… with 整改情况： on the next line: what is told behind the problem belongs to it.
            part_ = min(parts)
        parts.setdefault(part_, []).append(piece)
    as_item = block.form in ("item", "line") and not is_row_of_findings(
        block.style, stated_clauses(text, block, pieces)
    )
    units: list[_Unit] = []
    for number in sorted(parts, reverse=True):
        part = parts[number]
        opening = number == min(parts)
        whole = as_item or (block.form == "quoted" and opening)
        if opening and (leads or units) and _is_title(block, part, parts):
            continue
        if (
            block.form == "quoted"
            and not opening
            and not _numbered(part)
            and max(p.probability for p in part) < _STATED_BESIDE_QUOTE
        ):
            continue
        if block.form == "quoted" and opening and not part[0].accepted:
            # A quoted problem with nothing under it is the finding, however the model reads it; a person should look.
            part[0].probability = max(part[0].probability, _DROP)
        units += _whole(part) if whole else _each(part)
    return units


# Below this a cell of the problem column says that there is none (未见突出问题，环境整洁).
_IN_NAMED_COLUMN = 0.05
# What stands behind a quoted problem on its line without a number is its measures, unless it reads very much like a finding.
_STATED_BESIDE_QUOTE = 0.95


def stated_clauses(text: str, block: Block, pieces: Sequence[Piece]) -> list[str]:
    """Return the accepted clauses of ``block`` where they may be findings of their own: not in a plain list, no measures below."""
    if block.form == "line" or block.answered:
        return []
    return [text[p.start : p.end] for p in pieces if p.accepted and p.clause is not None and not p.clause.in_measures]


def _numbered(part: Sequence[Piece]) -> bool:
    clause, block = part[0].clause, part[0].block
    return clause is not None and block is not None and clause.number not in ("", block.number)


def _is_title(block: Block, part: Sequence[Piece], parts: dict[int, list[Piece]]) -> bool:
    """Tell whether the opening of a block only leads in to the findings below it or behind it."""
    if len(part) > 1:
        return False
    if block.form == "prose" and not block.style:
        # An unnumbered paragraph that goes on with 一是… : its first sentence leads in only where it is cut off by a colon.
        return part[0].clause is not None and part[0].clause.mark == "："
    following = [
        other[0].clause.number
        for number, other in parts.items()
        if number != min(parts) and other[0].clause is not None
    ]
    # （1）A。（2）B。 on one line: siblings, not a title with sub-items.
    return not any(_same_style(number, block.style) for number in following)


def _same_style(number: str, style: str) -> bool:
    marker = parse_marker(number + "问题")
    return marker is not None and marker.style == style


def _whole(part: Sequence[Piece]) -> list[_Unit]:
    """Return the item that opens with the first or second clause and goes on while its details are stated."""
    block = part[0].block
    stated = [p for p in part if p.clause is not None and not p.clause.in_measures]
    if block is not None and block.answered and any(p.accepted for p in stated):
        # Everything before 整改情况： is the problem, background and all.
        return [_Unit(stated[0].start, stated[-1].end, stated[0], max(p.probability for p in stated))]
    start = next((i for i, piece in enumerate(part[:2]) if piece.accepted), None)
    if start is None:
        return []
    end = start
    if block is not None and block.parent is not None and block.parent.form == "quoted":
        # A sub-item of a quoted problem states the finding in its first sentence; the rest of the paragraph answers it.
        return [_Unit(part[start].start, part[start].end, part[start], part[start].probability)]
    while end + 1 < len(part) and (part[end + 1].accepted or _goes_on(part, end + 2)):
        end += 1
    return [_Unit(part[start].start, part[end].end, part[start], max(p.probability for p in part[start : end + 1]))]


def _goes_on(part: Sequence[Piece], index: int) -> bool:
    """Tell whether a clause of background lies between two that surely state the finding."""
    clause = part[index].clause if index < len(part) else None
    return clause is not None and not clause.in_measures and part[index].probability >= _SURE


def _each(part: Sequence[Piece]) -> list[_Unit]:
    """Return the clauses of a stretch of prose, less the short heading that opens it (一是党的领导弱化。)."""
    accepted = [piece for piece in part if piece.accepted]
    if len(accepted) >= 2 and accepted[0] is part[0]:
        head = part[0].clause
        longest = 32 if part[0].block is not None and part[0].block.style in ("part", "chapter", "section") else 22
        if head is not None and head.number and head.mark in "。：" and head.end - head.start <= longest:
            accepted = accepted[1:]
    return [_Unit(p.start, p.end, p, p.probability) for p in accepted]


def _split_at_commas(notice: Notice, units: Sequence[_Unit], judge: Judge) -> list[_Unit]:
    """Cut running prose at ， where both sides state findings about different things."""
    prose = [unit for unit in units if _is_running(unit)]
    stretches = stretches_between_commas(
        notice.text, [Statement(unit.start, unit.end, unit.piece.heading) for unit in prose], judge
    )
    split = [
        replace(unit, start=start, end=end)
        for unit, parts in zip(prose, stretches, strict=True)
        for start, end in parts
    ]
    return sorted([*split, *(unit for unit in units if not _is_running(unit))], key=lambda unit: unit.start)


def _is_running(unit: _Unit) -> bool:
    block = unit.piece.block
    return block is not None and block.form == "prose" and not block.measures


def running_statements(notice: Notice, judge: Judge) -> list[Statement]:
    """Return the statements of running prose in ``notice`` as they stand before commas are looked at."""
    return [
        Statement(unit.start, unit.end, unit.piece.heading)
        for unit in _units(notice.text, judged_pieces(notice, judge))
        if _is_running(unit)
    ]


_STATUS = re.compile(
    r"(?:已(?:经)?(?:全部|基本)?(?:完成(?:整改)?|整改(?:完成|到位|完毕)?|办结|销号|落实|解决)|(?:基本|部分|尚未|未|正在|持续|长期|立行立改)(?:完成|整改|推进|落实|坚持|办理)?(?:整改)?|立行立改|长期坚持|阶段性完成)"
)
_STATUS_LABEL = re.compile(
    r"(?:整改|完成|落实|办理|进展|目前|处理)?(?:情况|状态|进展|结果|进度)[】〕]?[：]?(?P<said>[^，。；\n]{2,16})"
)
_RESPONSIBLE = re.compile(
    r"(?:责任(?:人|领导|单位|科室|部门|股室)|牵头(?:领导|单位|科室|人|部门)|整改责任人|承办(?:人|单位|科室))[】〕]?[：](?P<who>[^。；，\n\t]{2,40}?)(?=[。；，\n\t）)]|$|\s*(?:整改|完成)?时[限间])"
)
_DEADLINE = re.compile(
    r"(?:(?:整改|完成|办理)?(?:时限|期限)|完成时间|整改时间)[】〕]?[：](?P<when>[^。；，\n\t）)]{2,24})"
)


def _describe(notice: Notice, unit: _Unit) -> Extracted:
    piece = unit.piece
    doubtful = unit.probability < _SURE
    if piece.row is not None:
        row = piece.row
        return Extracted(
            unit.start,
            unit.end,
            piece.heading,
            row.number,
            row.place,
            row.measures,
            row.status,
            row.responsible,
            row.deadline,
            unit.probability,
            doubtful,
        )
    block, clause = piece.block, piece.clause
    assert block is not None
    assert clause is not None
    rest = _rest_of_item(notice.text, block, clause, unit)
    answer = "\n".join([rest, *(notice.text[a:b] for a, b in block.measures)]).strip()
    status = _STATUS_LABEL.search(answer)
    said = status.group("said") if status and _STATUS.search(status.group("said")) else None
    found = _STATUS.search(answer[:200])
    who, when = _RESPONSIBLE.search(answer), _DEADLINE.search(answer)
    return Extracted(
        unit.start,
        unit.end,
        piece.heading,
        clause.number,
        block.place,
        answer,
        (said or (found.group() if found else "")).strip(),
        who.group("who").strip() if who else "",
        when.group("when").strip() if when else "",
        unit.probability,
        doubtful,
    )


def _rest_of_item(text: str, block: Block, clause: Clause, unit: _Unit) -> str:
    """Return what follows a finding within its own numbered part of the block."""
    if block.form == "prose" and not clause.number:
        return ""
    following = [
        c.start for c in block.clauses if c.start >= unit.end and c.part > clause.part and c.number != clause.number
    ]
    later = [c for c in block.clauses if c.start >= unit.end and c.part == clause.part]
    if block.form == "prose" and not any(c.in_measures for c in later):
        return ""
    return text[unit.end : min(following, default=block.end)].lstrip("。；，”、 的问题")


def _reasons(notice: Notice, pieces: Sequence[Piece], units: Sequence[_Unit]) -> tuple[str, ...]:
    """Return why the notice as a whole should be looked at: what may have been missed."""
    reasons = []
    if notice.stated_count is not None and len(units) < notice.stated_count:
        reasons.append(f"文中称共有问题{notice.stated_count}个，只提取到{len(units)}个")
    reasons += [f"编号不连续：{gap}" for gap in _gaps(pieces, units)]
    covered = [(unit.start, unit.end) for unit in units]
    for piece in pieces:
        missed = _MENTION <= piece.probability < _DROP and not any(
            a < piece.end and piece.start < b for a, b in covered
        )
        if missed:
            where = piece.row.place if piece.row else piece.block.place if piece.block else ""
            words = notice.text[piece.start : piece.end]
            reasons.append(f"{where or '有一处'}可能还有问题，未列入：{words[:24]}{'…' if len(words) > 24 else ''}")
    return tuple(reasons)


def _gaps(pieces: Sequence[Piece], units: Sequence[_Unit]) -> Iterator[str]:
    """Yield the breaks in the numbering of the blocks that hold findings or have some under them."""
    live: set[int] = set()
    for unit in units:
        block = unit.piece.block
        while block is not None and id(block) not in live:
            live.add(id(block))
            block = block.parent
    last: dict[str, tuple[int, str]] = {}
    for block in dict.fromkeys(piece.block for piece in pieces if piece.block is not None):
        if block.value is None or id(block) not in live:
            continue
        before = last.get(block.style)
        # Numbers restart under each heading or run on across headings; only a small jump forward is a gap.
        if before and 1 < block.value - before[0] <= 5:
            yield f"{before[1]}之后是{block.number}"
        last[block.style] = (block.value, block.number)
