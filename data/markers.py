"""The ways Chinese offices number things: what stands at the start of a line or a clause, and how deep it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CJK_NUMERAL = "一二三四五六七八九十百"
_FORMAL = dict(zip("壹贰叁肆伍陆柒捌玖拾", range(1, 11), strict=True))
_DIGITS = dict(zip("一二三四五六七八九", range(1, 10), strict=True))

_CIRCLED = {
    chr(base + i): first + i
    for base, first, count in ((0x2460, 1, 20), (0x3251, 21, 15), (0x32B1, 36, 15), (0x2776, 1, 10), (0x24F5, 1, 10))
    for i in range(count)
}
_CIRCLED_CLASS = "".join(_CIRCLED)

# Styles from the outermost to the innermost, as GB/T 9704 orders them (一、 （一） 1. （1） ①), then the looser ones.
# "7.2018年我区启动" is item 7, "2.5万元" is an amount: a digit after the dot must open a year.
_STYLES: tuple[tuple[str, str], ...] = (
    ("part", rf"第(?P<n>[{_CJK_NUMERAL}\d]{{1,3}})(?:部分|章|节)[ ，、：:]?"),
    ("chapter", rf"(?P<n>[{_CJK_NUMERAL}]{{1,4}}|[壹贰叁肆伍陆柒捌玖拾]{{1,3}})[、．.][ ]?"),
    ("section", rf"[（(](?P<n>[{_CJK_NUMERAL}]{{1,4}})[）)][、.]?[ ]?"),
    ("item", r"(?:问题)?(?P<n>\d{1,3})(?:[.．、](?=\D|(?:19|20)\d\d年)|[ ](?=[^\d\W]))[ ]?"),
    ("dotted", r"(?P<n>\d{1,2}[.．-]\d{1,2})(?:[ 、]|(?=[^\d.%\W年月日万元个名人份家]{2}))[ ]?"),
    ("subitem", r"[（(](?P<n>\d{1,3})[）)][、.]?[ ]?"),
    ("halfparen", r"(?P<n>\d{1,3})[）)][ ]?"),
    ("circled", rf"(?P<n>[{_CIRCLED_CLASS}])[、.]?[ ]?"),
    (
        "coded",
        rf"[（(【\[]?问题(?P<n>[{_CJK_NUMERAL}\d]{{1,3}})[）)】\]]?[、.：: ]|[（(【\[](?:[A-Z]{{0,2}}-?\d{{1,3}}|[A-Z])[）)】\]][、.：: ]?|[A-Z]{{1,2}}-?\d{{1,3}}[、.：: ]",
    ),
    ("letter", r"(?P<n>[A-Za-z])[.、）)](?=\D)[ ]?"),
    (
        "quoted",
        r"(?P<n>)(?=(?:关于|针对|对)“|(?:关于|针对)[^。；\n]{2,60}(?:的问题|问题的整改|方面(?:问题)?)[。.：]?$)",
    ),
    ("bullet", r"(?P<n>[-—–·•●○〇◎◆◇■□▲△★☆*※➢►▪✓]{1,3})[ ]?(?=[^-—\d\s])"),
)
_MARKER = re.compile("|".join(f"(?P<{style}>{pattern.replace('(?P<n>', '(?:')})" for style, pattern in _STYLES))
_NUMBER = {style: re.compile(pattern) for style, pattern in _STYLES}

# Enumerations inside a paragraph.
_SPOKEN = re.compile(
    rf"(?P<n>[{_CJK_NUMERAL}]{{1,2}})(?:是|要|看|查)[，：]?|第(?P<o>[{_CJK_NUMERAL}]{{1,2}})[，、]|其(?P<p>[{_CJK_NUMERAL}]{{1,2}})[，、：是]"
    r"|(?P<w>首先|其次|再次|再者|此外|最后|另外|同时)(?:是)?[，：]?"
)
INLINE = re.compile(
    rf"(?P<spoken>(?:[{_CJK_NUMERAL}]{{1,2}}是|第[{_CJK_NUMERAL}]{{1,2}}[，、]|其[{_CJK_NUMERAL}]{{1,2}}[，、：是])[，：]?)"
    rf"|(?P<circled>[{_CIRCLED_CLASS}])[、.]?|(?P<subitem>[（(]\d{{1,2}}[）)])[、.]?"
    r"|(?P<item>(?<![\d.])\d{1,2})(?:[.．、](?=[^\d\s])|[）)])"
)


@dataclass(frozen=True, slots=True)
class Marker:
    """A number or bullet that opens a line: its style, the number as printed, its value, and where the text begins."""

    style: str
    printed: str
    value: int | None
    end: int


def parse_marker(text: str) -> Marker | None:
    """Return the marker that opens ``text``, or None."""
    match = _MARKER.match(text)
    if match is None:
        return None
    style = match.lastgroup or ""
    number = _NUMBER[style].match(text)
    raw = number.group("n") if number else ""
    return Marker(
        style,
        match.group().strip(),
        value_of(raw) if style not in ("bullet", "quoted", "letter", "dotted", "coded") else None,
        match.end(),
    )


def starts_item(text: str) -> bool:
    """Tell whether a line opens a new numbered item, spoken enumeration or labelled paragraph (整改情况：…)."""
    if parse_marker(text) or _SPOKEN.match(text):
        return True
    return bool(re.match(r"[【〔\[]|[^，。；“”]{2,12}：", text))


def value_of(number: str) -> int | None:
    """Return the value of a printed number: Arabic, circled, 十二 or 拾."""
    if number.isdecimal():
        return int(number)
    if number in _CIRCLED:
        return _CIRCLED[number]
    if number in _FORMAL:
        return _FORMAL[number]
    if not number or any(c not in _CJK_NUMERAL for c in number):
        return None
    tens, ten, units = number.rpartition("十")
    if not ten:
        return _DIGITS.get(number)
    return 10 * (_DIGITS.get(tens, 1) if tens else 1) + _DIGITS.get(units, 0)
