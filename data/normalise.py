"""Undo the damage that notices suffer on their way through Word, web sites and text exports.

Every offset that xuntag reports refers to the text that leaves this module. Normalising is idempotent, so a text
that is stored and read again keeps its offsets.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from .markers import starts_item
from .notice import CELL_SEPARATOR, RawLine

_HAN = "㐀-䶿一-鿿豈-﫿〇"

# Letters of pinyin that carry a tone mark. A syllable without one (neutral tone) is residue only beside toned ones.
_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńň"
_RESIDUE = re.compile(rf"(?<=[{_HAN}])[(（][ ]?([a-zü{_TONED}]{{1,6}})[ ]?[)）]")

# Word writes a circled number as the field " EQ \o\ac(○,22)"; some exports keep its font switches and braces.
_CIRCLED_FIELD = re.compile(
    r"""\{?\s*\bEQ\s*(?:\\\*\s*\w+\s*)*(?:\\\*\s*"[^"]*"\s*(?:\\\*\s*\w+\s*)*)*"""
    r"""\\o\s*\\ac\s*[(（]\s*[○〇◯]\s*[,，]\s*(\d{1,3})\s*[)）]\s*\}?""",
    re.IGNORECASE,
)
# Fields that carry nothing of the notice: page numbers, tables of contents, cross references.
_EMPTY_FIELD = re.compile(
    r"\{?\s*\b(?:PAGE|NUMPAGES|TOC|PAGEREF|REF|SEQ)\b(?:\s+\w+)?(?:\s*\\[*a-zA-Z]\s*\"?[\w-]*\"?)+\s*\}?"
)

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u00ad\ufeff\ufffe\uffff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_BLANK = re.compile("[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\x1c-\x1f]+")
_LINE_END = re.compile("\r\n?|[\n\u2028\u2029\x85\x0b\x0c]")

_CHARACTERS = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_CHARACTERS |= {
    ord(a): b for a, b in zip("％＋＝／＊＿＃＆＠｜〝〞﹔﹐﹒﹑｡､﹕﹖﹗", "%+=/*_#&@|“”；，.、。、：？！", strict=True)
}
# Kangxi radicals stand for the characters themselves in text taken from PDF files.
_CHARACTERS |= {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}

_WIDE = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}
# A half-width mark beside a Chinese character belongs to the Chinese sentence; between digits or letters it does not.
_HALF_MARK = re.compile(rf"(?<=[{_HAN}”’》〉）」』】%])[,;:?!]|[,;:?!](?=[{_HAN}“‘《〈（「『【])")
_HALF_STOP = re.compile(rf"(?<=[{_HAN}”’》）」』】%])\.(?![.\dA-Za-z])")
_BRACKETS = re.compile(rf"[(（]([^()（）\n\t]*[{_HAN}][^()（）\n\t]*)[)）]")
_MARK_RUN = re.compile("[，；：、。！？]{2,}")
_STRONGEST_FIRST = "；：，、"
_STRAIGHT_QUOTES = re.compile(r'"([^"\n\t]{1,80})"')
_BLANK_AT_MARK = re.compile(r"(?<=[，。；：、“”（）《》？！]) | (?=[，。；：、“”（）《》？！])")

# Dates that lost 年 or 月 on the way: 2024717日, 20247月17日, 2024年717日.
_LOST_MONTH_MARK = re.compile(r"(?<!\d)(20[0-3]\d)年?(\d{2,4})日")
_LOST_YEAR_MARK = re.compile(r"(?<!\d)(20[0-3]\d)(1[0-2]|0?[1-9])月")

# Frequent characters that only traditional text uses; about every fourth character of such a text is one of them.
_TRADITIONAL = re.compile(
    "[們個來為會對發現題學習導書實際關於開議務業進過還點說話這樣與從應將歷經濟財產資購買賣費賬項標預報銷領師醫藥療護衛廢處監紀檢審計劃組織黨選舉責風險"
    "廳縣鎮鄉區級層單據證門車間廠場術診檔條約協調構樓備設訂訓練課讀認識論評語誤請謀變讓負質贈長陽陰陳隊階隨難雙離電靜頂順須額顧問後幾傳達講強統籌違規歸]"
)

# Nothing in these characters is ever rewritten, so a short text made of them alone, without a run of marks or a damaged date,
# is normal already. That is most findings, and looking is ten times faster than cleaning.
_PLAIN = "".join(c for c in map(chr, (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))) if not _TRADITIONAL.match(c))
_ORDINARY = re.compile(rf"(?:[0-9A-Za-z%，。；：、“”（）《》！？{_PLAIN}]|(?<=[0-9])\.(?=[0-9]))+")

_SENTENCE_END = "。！？；：…”』」】》.;!?:）)"
_PROSE_MARK = re.compile("[。；]")

# Two passes settle every notice seen; the bound keeps a hostile text from holding the reader.
_MOST_PASSES = 8


class _Converter(Protocol):
    def convert(self, text: str, /) -> str: ...


@functools.cache
def _converter() -> _Converter:
    # Loaded on the first traditional text: its dictionaries are not needed for the others.
    import opencc

    converter: _Converter = opencc.OpenCC("t2s")
    return converter


@dataclass(frozen=True, slots=True)
class Damage:
    """What a whole notice shows of itself and a short piece of it cannot: its script, and pinyin left in brackets."""

    traditional: bool = False
    residue: bool = False


def damage_of(text: str) -> Damage:
    """Return what has to be undone all over ``text``."""
    residue = any(c in _TONED for syllable in _RESIDUE.findall(text) for c in syllable)
    # A simplified notice may hold traditional characters in a name or on a seal; those are left alone.
    found = len(_TRADITIONAL.findall(text))
    return Damage(found >= 3 and (residue or found * 20 > sum("一" <= c <= "鿿" for c in text)), residue)


def normalise(text: str) -> str:
    """Return ``text`` as xuntag reads it: one spelling of characters, punctuation and line breaks.

    Undone are traditional characters and the pinyin left after them, byte-order and other invisible marks, full-width
    digits and letters, half-width marks in Chinese sentences, doubled punctuation, Word field codes, dates that lost
    年 or 月, and line breaks in mid-sentence. Masked words (``**``, ``某``) stay as they are. Blank lines at the ends are
    dropped, several in a row become one.

    ``normalise(normalise(text)) == normalise(text)``.
    """
    if _ORDINARY.fullmatch(text) and not (
        _MARK_RUN.search(text) or ("20" in text and (_LOST_MONTH_MARK.search(text) or _LOST_YEAR_MARK.search(text)))
    ):
        return text
    return "\n".join(line.text for line in normalise_lines([RawLine(text)]))


def normalise_lines(raw: Iterable[RawLine], damage: Damage | None = None) -> list[RawLine]:
    """Return the normalised lines of a notice; a line that was broken in mid-sentence keeps its first part's place.

    ``damage`` is what the whole notice shows where ``raw`` is only a piece of it.
    """
    lines = _join_indented(
        RawLine(part, line.place, line.cell_places) for line in raw for part in _LINE_END.split(line.text)
    )
    damage = damage or damage_of("\n".join(line.text for line in lines))
    # One pass can open the way for another (a field code between two commas), so repeat until nothing moves.
    for _ in range(_MOST_PASSES):
        cleaned = [RawLine(_clean(line.text, damage), line.place, line.cell_places) for line in lines]
        cleaned = _join_broken(_squeeze_blank(_drop_indents(cleaned)))
        if cleaned == lines:
            break
        lines = cleaned
    return lines


def _clean(line: str, damage: Damage) -> str:
    if damage.residue:
        line = _RESIDUE.sub("", line)
    if damage.traditional:
        line = _converter().convert(line)
    line = _INVISIBLE.sub("", _CONTROL.sub("", unicodedata.normalize("NFC", line)))
    if "\\" in line:
        line = _EMPTY_FIELD.sub("", _CIRCLED_FIELD.sub(_circled, line))
    line = _BLANK.sub(" ", line.translate(_CHARACTERS).replace("．", "."))
    line = _BRACKETS.sub(r"（\1）", _STRAIGHT_QUOTES.sub(r"“\1”", line))
    line = _HALF_STOP.sub("。", _HALF_MARK.sub(lambda m: _WIDE[m.group()], line))
    line = _MARK_RUN.sub(_strongest, line)
    line = _BLANK_AT_MARK.sub("", line)
    line = _LOST_YEAR_MARK.sub(r"\1年\2月", _LOST_MONTH_MARK.sub(_restore_date, line))
    if CELL_SEPARATOR not in line:
        return line.strip()
    cells = [cell.strip() for cell in line.split(CELL_SEPARATOR)]
    return CELL_SEPARATOR.join(cells).rstrip()


def _strongest(match: re.Match[str]) -> str:
    run = match.group()
    for mark in run:
        if mark in "。！？":
            return mark
    return next(mark for mark in _STRONGEST_FIRST if mark in run)


def _circled(match: re.Match[str]) -> str:
    number = int(match.group(1))
    if not 1 <= number <= 50:
        return f"({number})"
    base, first = (0x2460, 1) if number <= 20 else (0x3251, 21) if number <= 35 else (0x32B1, 36)
    return chr(base + number - first)


def _restore_date(match: re.Match[str]) -> str:
    year, digits = match.groups()
    splits = [
        (month, day)
        for month, day in ((digits[:i], digits[i:]) for i in range(1, len(digits)))
        if not day.startswith("0") and 1 <= int(month) <= 12 and 1 <= int(day) <= 31 and len(day) <= 2
    ]
    # 2024111日 may be 11月1日 or 1月11日: a wrong date is worse than a damaged one.
    return f"{year}年{int(splits[0][0])}月{splits[0][1]}日" if len(splits) == 1 else match.group()


def _drop_indents(lines: Iterable[RawLine]) -> Iterator[RawLine]:
    """Take a tab before the only text of a line for an indent, unless it stands under a table row: there it is an empty cell."""
    in_table = False
    for line in lines:
        text = line.text.lstrip(CELL_SEPARATOR)
        if CELL_SEPARATOR not in text and not in_table:
            line = RawLine(text, line.place, line.cell_places)
        in_table = CELL_SEPARATOR in line.text
        yield line


def _squeeze_blank(lines: Iterable[RawLine]) -> list[RawLine]:
    kept: list[RawLine] = []
    for line in lines:
        if line.text or (kept and kept[-1].text):
            kept.append(line)
    while kept and not kept[-1].text:
        kept.pop()
    return kept


_INDENT = re.compile("(?:\u3000{2}|[ \u00a0]{4})[ \u3000]*(?=\\S)")


def _join_indented(raw: Iterable[RawLine]) -> list[RawLine]:
    """Join the lines of a text whose paragraphs are indented and whose lines were broken at any width."""
    lines = list(raw)
    indented = [bool(_INDENT.match(line.text)) and CELL_SEPARATOR not in line.text.strip() for line in lines]
    if sum(indented) < 3:
        return lines
    joined: list[RawLine] = []
    inside = False
    for line, opens in zip(lines, indented, strict=True):
        text = line.text.strip()
        if (
            inside
            and not opens
            and text
            and joined[-1].text.rstrip()[-1:] not in _SENTENCE_END
            and not starts_item(text)
        ):
            joined[-1] = RawLine(joined[-1].text.rstrip() + text, joined[-1].place, joined[-1].cell_places)
            continue
        inside = opens
        joined.append(line)
    return joined


def _join_broken(lines: Sequence[RawLine]) -> list[RawLine]:
    """Join lines that a text export broke in mid-sentence."""
    width = _wrap_width([line.text for line in lines])
    joined: list[RawLine] = []
    for line in lines:
        if joined and _is_broken(joined[-1].text, line.text, width):
            last = joined[-1]
            between = " " if re.search("[A-Za-z]$", last.text) and re.match("[A-Za-z]", line.text) else ""
            joined[-1] = RawLine(last.text + between + line.text, last.place, last.cell_places)
        else:
            joined.append(line)
    return joined


def _wrap_width(texts: Sequence[str]) -> int | None:
    """Return the width at which the text was hard-wrapped, or None if its lines are whole paragraphs."""
    sizes = [len(text) for text in texts if text]
    if len(sizes) < 6 or not 20 <= max(sizes) <= 80:
        return None
    full = [text for text in texts if len(text) >= max(sizes) - 3]
    open_ended = sum(text[-1] not in _SENTENCE_END for text in full)
    # Wrapped paragraphs fill at least a third of the lines; lists of findings vary in length and rarely touch the maximum.
    return max(sizes) - 3 if len(full) * 3 >= len(sizes) and open_ended * 2 >= len(full) else None


def _is_broken(text: str, following: str, width: int | None) -> bool:
    if not text or not following or CELL_SEPARATOR in text or CELL_SEPARATOR in following:
        return False
    if text[-1] == "；" and width is not None and len(text) >= width:
        return not starts_item(following)
    if text[-1] in "，、（“《":
        return not starts_item(following) or text[-1] in "（“《"
    if text[-1] in _SENTENCE_END or starts_item(following):
        return False
    if following[0] in "，。；、：）”》？！":
        return True
    if width is not None and len(text) >= width:
        return True
    if any(text.count(left) > text.count(right) for left, right in ("“”", "（）", "《》")):
        return True
    # A paragraph of whole sentences whose last one stops without a mark goes on in the next line.
    return bool(
        len(text) >= 30 and _PROSE_MARK.search(text[:-1]) and len(following) >= 8 and _PROSE_MARK.search(following)
    )
