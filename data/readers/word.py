"""Word documents (.docx) with their automatic numbering rebuilt, and their tables.

python-docx opens the package; it gives neither the numbers that Word computes nor the text of insertions, content
controls and EQ fields, and docx2python writes Chinese numbering as bullets, so both are done here.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...errors import UnreadableNoticeError
from ..notice import RawLine
from .plain import table_line

if TYPE_CHECKING:
    from docx.document import Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Deleted text, the second copy of text boxes, the reading above ruby characters, and paragraph properties.
_SKIPPED = {f"{_W}del", f"{_W}moveFrom", f"{_MC}Fallback", f"{_W}rt", f"{_W}pPr", f"{_W}rPr"}


def read_docx(content: bytes, name: str) -> Iterator[RawLine]:
    """Yield the paragraphs and table rows of the body, in order."""
    import docx

    try:
        document = docx.Document(io.BytesIO(content))
        numbering = _Numbering(document)
        yield from _Body(numbering).lines(document.element.body)
    except UnreadableNoticeError:
        raise
    except Exception as exc:  # python-docx and lxml answer damaged files with errors of a dozen types
        raise UnreadableNoticeError(
            f"Cannot read {name}: the .docx is cut off or damaged. Open it in Word or WPS, save it again, and run again."
        ) from exc


class _Body:
    def __init__(self, numbering: _Numbering) -> None:
        self.numbering = numbering
        self.paragraphs = 0
        self.tables = 0

    def lines(self, container: Any) -> Iterator[RawLine]:
        for child in container:
            if child.tag == f"{_W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from self._table(child)
            elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml", f"{_W}smartTag"):
                yield from self.lines(child)

    def _paragraph(self, paragraph: Any) -> Iterator[RawLine]:
        text = self.numbering.number(paragraph) + _text(paragraph)
        self.paragraphs += 1
        place = f"第{self.paragraphs}段"
        yield RawLine(text, place)
        for box in paragraph.iter(f"{_W}txbxContent"):
            if not any(parent.tag == f"{_MC}Fallback" for parent in box.iterancestors()):
                for line in self.lines(box):
                    yield RawLine(line.text, f"{place}文本框")

    def _table(self, table: Any) -> Iterator[RawLine]:
        rows = [row for row in table.iter(f"{_W}tr") if next(row.iterancestors(f"{_W}tbl")) is table]
        self.tables += 1
        number = self.tables
        framed = all(len(row.findall(f"{_W}tc")) <= 1 for row in rows)
        for index, row in enumerate(rows, 1):
            place = f"表{number}第{index}行"
            if framed:
                # A table of one column is a frame around ordinary paragraphs.
                for cell in row.findall(f"{_W}tc"):
                    for line in self.lines(cell):
                        yield RawLine(line.text, place)
                continue
            cells: list[str] = []
            for cell in row.iter(f"{_W}tc"):
                if next(cell.iterancestors(f"{_W}tr")) is not row:
                    continue
                properties = cell.find(f"{_W}tcPr")
                cells.append(
                    ""
                    if _continues_merge(properties)
                    else " ".join(line.text for line in self.lines(cell) if line.text.strip())
                )
                cells += [""] * (_span(properties) - 1)
            yield table_line(cells, (), place)


def _span(properties: Any) -> int:
    grid = properties.find(f"{_W}gridSpan") if properties is not None else None
    return max(1, min(int(grid.get(f"{_W}val", "1")), 64)) if grid is not None else 1


def _continues_merge(properties: Any) -> bool:
    merge = properties.find(f"{_W}vMerge") if properties is not None else None
    return merge is not None and merge.get(f"{_W}val", "continue") == "continue"


def _text(element: Any) -> str:
    parts: list[str] = []
    for child in element:
        tag = child.tag
        if tag in _SKIPPED or tag == f"{_W}txbxContent" or not isinstance(tag, str):
            continue
        if tag == f"{_W}t":
            parts.append(child.text or "")
        elif tag == f"{_W}tab":
            parts.append(" ")
        elif tag in (f"{_W}br", f"{_W}cr"):
            parts.append("\n")
        elif tag == f"{_W}noBreakHyphen":
            parts.append("-")
        elif tag == f"{_W}instrText":
            # A circled number is an EQ field that has no other text; normalising turns it into the character.
            if "EQ" in (child.text or "").upper():
                parts.append(child.text or "")
        else:
            parts.append(_text(child))
    return "".join(parts)


class _Numbering:
    """The state of Word's automatic numbering while a document is read from the first paragraph to the last."""

    def __init__(self, document: Document) -> None:
        self.styles = {style.get(f"{_W}styleId"): style for style in document.styles.element.findall(f"{_W}style")}
        self.levels: dict[str, dict[int, Any]] = {}
        self.abstract_of: dict[str, str] = {}
        self.overrides: dict[str, dict[int, int]] = defaultdict(dict)
        self.style_level: dict[str, tuple[str, int]] = {}
        self.counters: dict[str, dict[int, int]] = defaultdict(dict)
        self.started: set[tuple[str, int]] = set()
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        self._load(root)

    def _load(self, root: Any) -> None:
        linked: dict[str, str] = {}
        for abstract in root.findall(f"{_W}abstractNum"):
            ident = abstract.get(f"{_W}abstractNumId")
            self.levels[ident] = {int(level.get(f"{_W}ilvl", "0")): level for level in abstract.findall(f"{_W}lvl")}
            link = abstract.find(f"{_W}numStyleLink")
            if link is not None:
                linked[ident] = link.get(f"{_W}val")
        for number in root.findall(f"{_W}num"):
            ident = number.get(f"{_W}numId")
            target = number.find(f"{_W}abstractNumId")
            if target is None:
                continue
            self.abstract_of[ident] = target.get(f"{_W}val")
            for override in number.findall(f"{_W}lvlOverride"):
                start = override.find(f"{_W}startOverride")
                level = int(override.get(f"{_W}ilvl", "0"))
                if start is not None:
                    self.overrides[ident][level] = int(start.get(f"{_W}val", "1"))
                own = override.find(f"{_W}lvl")
                if own is not None:
                    # A level redefined for one list makes that list a definition of its own.
                    private = f"{self.abstract_of[ident]}/{ident}"
                    self.levels.setdefault(private, dict(self.levels.get(self.abstract_of[ident], {})))[level] = own
                    self.abstract_of[ident] = private
        for ident, style in linked.items():
            numbered = self._of_style(style)
            if numbered is not None and numbered[0] in self.abstract_of:
                self.levels[ident] = self.levels.get(self.abstract_of[numbered[0]], {})
        for ident, levels in self.levels.items():
            for level, element in levels.items():
                style_ref = element.find(f"{_W}pStyle")
                if style_ref is not None:
                    self.style_level[f"{ident}:{style_ref.get(f'{_W}val')}"] = (ident, level)

    def number(self, paragraph: Any) -> str:
        """Return the number that Word shows before ``paragraph``, or the empty string, and move its counters on."""
        found = self._of_paragraph(paragraph)
        if found is None:
            return ""
        ident, level = found
        abstract = self.abstract_of.get(ident)
        element = self.levels.get(abstract or "", {}).get(level)
        if abstract is None or element is None:
            return ""
        counters = self.counters[abstract]
        if (ident, level) not in self.started and level in self.overrides[ident]:
            counters[level] = self.overrides[ident][level]
        elif level in counters:
            counters[level] += 1
        else:
            counters[level] = _start(element)
        self.started.add((ident, level))
        for deeper in [other for other in counters if other > level and self._restarts(abstract, other, level)]:
            del counters[deeper]
        return self._format(abstract, level, element)

    def _restarts(self, abstract: str, level: int, above: int) -> bool:
        """Tell whether ``level`` begins anew after a number of the level ``above`` it (w:lvlRestart 0: never)."""
        restart = self.levels[abstract][level].find(f"{_W}lvlRestart") if level in self.levels[abstract] else None
        if restart is None:
            return True
        after = int(restart.get(f"{_W}val", "0"))
        return after > 0 and above < after

    def _format(self, abstract: str, level: int, element: Any) -> str:
        template = element.find(f"{_W}lvlText")
        text: str = template.get(f"{_W}val", "") if template is not None else ""
        if _kind(element) == "none":
            return ""
        if _kind(element) == "bullet":
            return "• "
        legal = element.find(f"{_W}isLgl") is not None
        for other in range(level + 1):
            source = self.levels[abstract].get(other)
            if source is not None and f"%{other + 1}" in text:
                value = self.counters[abstract].get(other, _start(source))
                text = text.replace(f"%{other + 1}", format_number(value, "decimal" if legal else _kind(source)))
        suffix = element.find(f"{_W}suff")
        blank = suffix is None or suffix.get(f"{_W}val", "tab") != "nothing"
        return text + (" " if blank and text and text[-1].isalnum() else "")

    def _of_paragraph(self, paragraph: Any) -> tuple[str, int] | None:
        properties = paragraph.find(f"{_W}pPr")
        style = None
        if properties is not None:
            direct = properties.find(f"{_W}numPr")
            style_ref = properties.find(f"{_W}pStyle")
            style = style_ref.get(f"{_W}val") if style_ref is not None else None
            if direct is not None:
                number = direct.find(f"{_W}numId")
                level = direct.find(f"{_W}ilvl")
                if number is not None:
                    ident = number.get(f"{_W}val")
                    # numId 0 takes a paragraph out of the numbering of its style.
                    return (
                        None if ident == "0" else (ident, int(level.get(f"{_W}val", "0")) if level is not None else 0)
                    )
        if style is None:
            style = next(
                (
                    key
                    for key, value in self.styles.items()
                    if value.get(f"{_W}default") == "1" and value.get(f"{_W}type") == "paragraph"
                ),
                None,
            )
        return self._of_style(style)

    def _of_style(self, style: str | None) -> tuple[str, int] | None:
        """Follow a style and those it is based on to its numbering."""
        name, seen = style, set()
        while name in self.styles and name not in seen:
            seen.add(name)
            element = self.styles[name]
            numbered = element.find(f"{_W}pPr/{_W}numPr")
            number = numbered.find(f"{_W}numId") if numbered is not None else None
            if number is not None:
                ident = number.get(f"{_W}val")
                if ident == "0":
                    return None
                level = numbered.find(f"{_W}ilvl")
                # A heading style names its list, and the list names the level that the style stands for.
                bound = self.style_level.get(f"{self.abstract_of.get(ident)}:{style}") or self.style_level.get(
                    f"{self.abstract_of.get(ident)}:{name}"
                )
                return ident, int(level.get(f"{_W}val", "0")) if level is not None else bound[1] if bound else 0
            based = element.find(f"{_W}basedOn")
            name = based.get(f"{_W}val") if based is not None else None
        return None


def _kind(level: Any) -> str:
    element = level.find(f"{_W}numFmt")
    if element is None:
        element = level.find(f"{_MC}AlternateContent/{_MC}Fallback/{_W}numFmt")
    return str(element.get(f"{_W}val", "decimal")) if element is not None else "decimal"


def _start(level: Any) -> int:
    element = level.find(f"{_W}start")
    return int(element.get(f"{_W}val", "1")) if element is not None else 1


_CHINESE = {
    "chineseCounting",
    "chineseCountingThousand",
    "japaneseCounting",
    "taiwaneseCounting",
    "taiwaneseCountingThousand",
    "ideographDigital",
    "koreanCounting",
    "ideographTraditional",
}


def format_number(value: int, kind: str) -> str:
    """Return ``value`` as Word writes it in number format ``kind`` (ST_NumberFormat of ISO/IEC 29500-1, 17.18.59)."""
    if kind == "ideographTraditional" and 1 <= value <= 10:
        return "甲乙丙丁戊己庚辛壬癸"[value - 1]
    if kind in _CHINESE:
        return _chinese(value, "零一二三四五六七八九", "十百千")
    if kind in ("chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"):
        return _chinese(value, "零壹贰叁肆伍陆柒捌玖", "拾佰仟", one_ten=True)
    if kind in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese"):
        base, first = (0x2460, 1) if value <= 20 else (0x3251, 21) if value <= 35 else (0x32B1, 36)
        return chr(base + value - first) if 1 <= value <= 50 else f"({value})"
    if kind == "decimalEnclosedParen":
        return f"({value})"
    if kind == "decimalEnclosedFullstop":
        return f"{value}."
    if kind == "decimalZero":
        return f"{value:02d}"
    if kind in ("upperLetter", "lowerLetter"):
        letter = chr(ord("A") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letter if kind == "upperLetter" else letter.lower()
    if kind in ("upperRoman", "lowerRoman"):
        return _roman(value) if kind == "upperRoman" else _roman(value).lower()
    return str(value)


def _chinese(value: int, digits: str, units: str, one_ten: bool = False) -> str:
    if not 0 < value < 10_000:
        return str(value)
    text, zero = "", False
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if digit:
            text += ("零" if zero and text else "") + digits[digit] + (units[power - 1] if power else "")
            zero = False
        else:
            zero = True
    # 十二, not 一十二; the legal form keeps 壹拾贰.
    return text[1:] if not one_ten and 10 <= value < 20 else text


def _roman(value: int) -> str:
    text = ""
    for number, letters in (
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ):
        text += letters * (value // number)
        value %= number
    return text
