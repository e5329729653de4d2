"""Read ledgers: which column of a table holds the findings, and what the others say of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .notice import CELL_SEPARATOR, Line, Notice

# Wordings of column headers, the most telling first: 整改措施 is a measure although it might stand beside 问题,
# 问题类别 a heading although it names 问题.
_ROLES: tuple[tuple[str, str], ...] = (
    ("number", r"^(?:序号|序|编号|问题编号|问题序号|问题号|NO\.?|No\.?|号|项次|#)$"),
    ("status", r"完成情况|状态|是否(?:完成|整改|销号)|办结|销号|完成与否|进度|整改到位|推进情况"),
    ("measures", r"措施"),
    # 整改情况 may say 已完成 or tell a story; the cells decide.
    ("progress", r"整改情况|落实情况|进展|整改结果|办理情况|结果|目前情况|处理情况"),
    ("deadline", r"时限|期限|完成时间|整改时间|截止|完成日期|限期|何时|回头看日期|时间要求|计划完成"),
    ("responsible", r"责任|牵头|负责人|负责|承办|主责|落实人|经办|整改人|签收|谁|包保|督办"),
    (
        "measures",
        r"措施|整改要求|交办要求|整改意见|整改建议|处理意见|整改办法|对策|建议|怎么改|要求|整改目标|成效|整改内容|处理(?:方式|结果)|做法",
    ),
    (
        "heading",
        r"问题类[别型]|类[别型]|分类|方面|领域|大类|一级|板块|维度|单位|机构|科室|对象|地点|部门|被查|项目|聚焦|检查内容|检查项目|专题|所属|来源|归口",
    ),
    (
        "finding",
        r"问题|表现|发现|不足|隐患|缺陷|现场|存在|事实|反馈|情况|描述|内容|具体|记录|线索|事项|现象|短板|差距|摘要",
    ),
    ("other", r"日期|时间|备注|佐证|附件|页码|依据|条款|分值|扣分|得分|金额|电话|说明"),
)
_ROLE_PATTERNS = tuple((role, re.compile(pattern)) for role, pattern in _ROLES)
# A column whose header says it outright wins over one that only may hold findings (情况, 内容).
_OUTRIGHT = re.compile(r"问题|表现|发现|不足|隐患|缺陷|现场|查[到见]|事实")
_TOTAL = re.compile(r"^(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|汇\s*总)")
_BLANK_CELL = re.compile(
    r"[-—–/／\\.。…·*×]*|无|(?:暂)?未(?:见|发现)(?:明显|突出|异常|问题)[^；]*|无(?:问题|异常)|符合要求|正常"
)


@dataclass(frozen=True, slots=True)
class RowCandidate:
    """A cell that may state a finding: ``notice.text[start:end]``, with what the other columns of its row say."""

    start: int
    end: int
    place: str
    heading: str = ""
    number: str = ""
    measures: str = ""
    status: str = ""
    responsible: str = ""
    deadline: str = ""
    # How the column was found: "named" outright, "likely" by a vaguer wording, "guessed" where no header tells.
    column: str = "named"


@dataclass(frozen=True, slots=True)
class _Cell:
    start: int
    text: str
    place: str


def table_lines(notice: Notice) -> set[int]:
    """Return where the lines of all tables start: rows, and the short lines between them."""
    return {row[0].start for table in _tables(notice) for row in table}


def row_candidates(notice: Notice) -> list[RowCandidate]:
    """Return the candidate cells of all tables of ``notice``, in order."""
    return [candidate for table in _tables(notice) for candidate in _read_table(table)]


def _tables(notice: Notice) -> Iterator[list[list[_Cell]]]:
    """Yield the tables: runs of rows of one sheet, from a header to the next header of other columns.

    A short line between two rows (二、财务方面) is a row of one cell that lost its empty neighbours.
    """
    run: list[list[_Cell]] = []
    held: list[list[_Cell]] = []
    sheet = ""
    for line in notice.lines:
        text = notice.text[line.start : line.end]
        here = line.cell_places[0].partition("!")[0] if line.cell_places else ""
        row = _cells(line, text)
        if CELL_SEPARATOR in text:
            if run and (here != sheet or (_looks_like_header(row) and _starts_anew(run, row))):
                yield run
                run, held = [], []
            run += [*held, row]
            held, sheet = [], here
        elif run and text and len(text) <= _LONGEST_SECTION and len(held) < 2 and here == sheet:
            held.append(row)
        elif run and text:
            yield run
            run, held = [], []
    if run:
        yield run


_LONGEST_SECTION = 40
_LONGEST_STATUS = 12


def _looks_like_header(row: Sequence[_Cell]) -> bool:
    texts = [cell.text for cell in row if cell.text]
    told = [text for text in texts if len(text) <= 12 and role_of(text)]
    return len(set(texts)) >= 2 and len(told) >= 2 and len(told) * 2 >= len(texts)


def _starts_anew(run: Sequence[Sequence[_Cell]], row: Sequence[_Cell]) -> bool:
    """Tell whether a header that comes after body rows is of other columns than the one the run began with."""
    texts = [cell.text for cell in row]
    headers = [index for index, other in enumerate(run) if _looks_like_header(other)]
    return (
        bool(headers) and len(run) > headers[-1] + 1 and all([cell.text for cell in run[i]] != texts for i in headers)
    )


def _cells(line: Line, text: str) -> list[_Cell]:
    cells, at = [], line.start
    for index, cell in enumerate(text.split(CELL_SEPARATOR)):
        place = line.cell_places[index] if index < len(line.cell_places) else line.place
        cells.append(_Cell(at, cell, place))
        at += len(cell) + 1
    return cells


def role_of(header: str) -> str:
    """Return what a column with this header holds; the empty string where the wording says nothing."""
    header = re.sub(r"[\s（）()：:]", "", header)
    return next((role for role, pattern in _ROLE_PATTERNS if header and pattern.search(header)), "")


def _read_table(rows: Sequence[list[_Cell]]) -> Iterator[RowCandidate]:
    first, roles, headers = _header(rows)
    body = rows[first:]
    column = _finding_column(roles, headers, body)
    if column is None:
        return
    named = first > 0 and column < len(headers) and bool(_OUTRIGHT.search(headers[column]))
    certainty = "named" if named else "likely" if first > 0 else "guessed"
    section = ""
    carried: dict[int, str] = {}
    for row in body:
        filled = [cell for cell in row if cell.text]
        if not filled or _TOTAL.match(filled[0].text) or (len(filled) > 1 and _TOTAL.match(filled[1].text)):
            continue
        if [cell.text for cell in row] == headers:
            continue  # the header repeated on a new page
        if len(filled) == 1 and len(roles) > 1 and row.index(filled[0]) != column:
            section = filled[0].text
            continue
        headings = [section] if section else []
        for index, role in enumerate(roles):
            value = row[index].text if index < len(row) else ""
            if role == "heading":
                # A merged cell is written once, above the rows it spans.
                carried[index] = value or carried.get(index, "")
                if carried[index] and carried[index] not in headings:
                    headings.append(carried[index])
        if column >= len(row) or _BLANK_CELL.fullmatch(row[column].text):
            continue

        def joined(wanted: str, row: list[_Cell] = row) -> str:
            values = [row[i].text for i, role in enumerate(roles) if role == wanted and i < len(row) and row[i].text]
            return "；".join(dict.fromkeys(values))

        measures, status, progress = [joined("measures")], joined("status"), joined("progress")
        if progress and not status and len(progress) <= _LONGEST_STATUS:
            status = progress
        elif progress:
            measures.append(progress)
        cell = row[column]
        lead = re.match(r"(?:\d{1,3}[.、．]|[（(]\d{1,3}[）)]|[①-⑳])\s*", cell.text)
        start = cell.start + (lead.end() if lead else 0)
        end = cell.start + len(cell.text.rstrip("。；，. "))
        if end - start >= 3:
            yield RowCandidate(
                start,
                end,
                cell.place,
                " > ".join(headings),
                joined("number"),
                "；".join(filter(None, measures)),
                status,
                joined("responsible"),
                joined("deadline"),
                certainty,
            )


def _header(rows: Sequence[list[_Cell]]) -> tuple[int, list[str], list[str]]:
    """Return the index of the first body row, the role and the header text of each column."""
    for index, row in enumerate(rows[:8]):
        texts = [cell.text for cell in row]
        known = [role_of(text) for text in texts]
        distinct = [text for text in dict.fromkeys(texts) if text]
        told = sum(bool(role) for role, text in zip(known, texts, strict=True) if text)
        if len(distinct) < 2 or max(map(len, distinct)) > 20 or told < 2 or told * 2 < len([t for t in texts if t]):
            continue
        below = [cell.text for cell in rows[index + 1]] if index + 1 < len(rows) else []
        if _is_second_header(texts, below):
            width = max(len(texts), len(below))
            upper = _fill_right(texts + [""] * (width - len(texts)), below)
            below += [""] * (width - len(below))
            texts = [low if low and low != high else high for high, low in zip(upper, below, strict=True)]
            roles = [role_of(low) or role_of(high) for high, low in zip(upper, texts, strict=True)]
            return index + 2, roles, texts
        return index + 1, known, texts
    return 0, ["" for _ in max(rows, key=len)], []


def _is_second_header(texts: Sequence[str], below: Sequence[str]) -> bool:
    """Tell whether the next row divides columns of the header, as a merged header cell over two sub-columns does."""
    filled = [text for text in below if text]
    if not filled or max(map(len, filled)) > 12:
        return False
    divided = Counter(text for text in texts if text).most_common(1)[0][1] > 1 or "" in texts
    new = [text for text in filled if text not in texts]
    return (
        divided
        and bool(new)
        and sum(bool(role_of(text)) for text in new) * 2 >= len(new)
        and not any(text.isdigit() for text in filled)
    )


def _fill_right(texts: list[str], below: Sequence[str]) -> list[str]:
    filled: list[str] = []
    for index, text in enumerate(texts):
        follows = index < len(below) and below[index]
        filled.append(text or (filled[-1] if filled and follows else ""))
    return filled


def _finding_column(roles: Sequence[str], headers: Sequence[str], body: Sequence[list[_Cell]]) -> int | None:
    """Return the column that holds the findings: by its header, else the one with the longest distinct texts."""

    def length(index: int) -> float:
        texts = [row[index].text for row in body if index < len(row) and row[index].text]
        return sum(map(len, texts)) / len(texts) if texts else 0.0

    candidates = [i for i, role in enumerate(roles) if role == "finding"]
    outright = [i for i in candidates if i < len(headers) and _OUTRIGHT.search(headers[i])]
    if outright or candidates:
        return max(outright or candidates, key=length)
    if headers:
        # A table with a header that names no problem (a plan, a list of people) holds no findings ...
        unnamed = [i for i, role in enumerate(roles) if role == ""]
        if not {"measures", "status", "progress", "responsible", "deadline"} & set(roles) or not unnamed:
            return None
        # ... unless measures or persons are set against a column of unknown name.
        return max(unnamed, key=length)
    width = max((len(row) for row in body), default=0)
    best = max(range(width), key=length, default=None)
    return best if best is not None and length(best) >= 6 else None
