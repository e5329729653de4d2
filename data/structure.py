"""Lay out a notice: which line is a heading, an item, a measure or running prose, and where its clauses lie.

Nothing here knows what a finding says; judging the words is the model's part (``extract.py``). This module finds the
places where a finding can stand and what the layout tells about each: its headings and number, whether measures
follow, whether it lies under words that announce findings or demands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from .markers import INLINE, Marker, parse_marker
from .notice import Line, Notice
from .tables import table_lines

Zone = Literal["findings", "neutral", "actions"]
Form = Literal["item", "quoted", "prose", "line"]


@dataclass(slots=True)
class Clause:
    """A stretch of ``notice.text`` that may state a finding, without number, lead-in and final mark.

    ``part`` counts the inline enumeration (一是…二是…, ①…②…) of its block; ``lead`` is the lead-in before it
    (落实……方面，存在); ``mark`` is the punctuation that ends it; ``in_measures`` says that it stands behind 整改情况： or the like.
    """

    start: int
    end: int
    number: str = ""
    lead: str = ""
    part: int = 0
    mark: str = ""
    zone: Zone = "neutral"
    in_measures: bool = False


@dataclass(slots=True, eq=False)
class Block:
    """A numbered item, quoted problem, list line or paragraph with its clauses.

    ``parent`` is the block whose heading it stands under. ``measures`` are the stretches of text that follow as
    its measures and status. ``headings`` are the titles above it, outermost first.
    """

    form: Form
    start: int
    end: int
    place: str
    style: str = ""
    number: str = ""
    value: int | None = None
    headings: tuple[str, ...] = ()
    parent: Block | None = None
    # 整改情况： or the like follows, so that everything before it is the problem.
    answered: bool = False
    clauses: list[Clause] = field(default_factory=list)
    measures: list[tuple[int, int]] = field(default_factory=list)


_LABEL = re.compile(
    r"(?:[【〔\[](?P<boxed>[^，。；：“”】〕\]\t]{1,16})[】〕\]][：]?|(?P<plain>[^，。；：“”（）\t]{1,16})(?:（[^（）]{0,14}）)?：)"
)
_MEASURE_LABEL = re.compile(
    r"整改(?!不)|措施|成效|进展|落实|完成|责任|时限|期限|办理|办结|处理|处置|结果|状态|做法|改进|牵头|目前|下一步|销号|进度|建议|要求|^改|^办|^已"
    r"|对策|承诺|计划|佐证|验收|备注|联系|电话|邮箱|地址|来源|发布|作者|编辑|抄送|抄报|主送|附件|督办|经办|签收|^答|回应|时间|日期|核[查实]"
)
_FINDING_LABEL = re.compile(r"问题(?!整改)|表现|发现|不足|隐患|现场|^查|事实|缺陷|短板|薄弱|现象")
_MEASURE_OPENING = re.compile(
    r"[（(【〔]?(?:整改(?:情况|措施|进展|结果|成效|完成|落实|状态|责任|时限|要求|到位)|(?:采取|主要)措施|措施|(?:目前|现)?[，]?已(?!经?连续|达|有|超|过|逾|停|闲|无|成|不)"
    r"|正在(?:整改|推进|办理)|基本完成|立行立改|责任(?:人|领导|单位|科室|部门)|牵头(?:领导|单位|人)|(?:完成|整改)时(?:限|间)|针对(?:该|此|这一|上述)(?:问题|情况)|对此，)"
)

_FINDINGS_TITLE = re.compile(
    r"(?:存在|发现|反馈|指出|查找|主要|突出|检查|检视|巡察|巡视|具体)[^。；]{0,16}(?:问题|不足|差距|隐患)|问题(?:清单|台账|一览|表现|底稿|整改)|整改(?:情况|落实|进展|任务)|薄弱环节"
)
_FURNITURE = re.compile(
    r"(?:发布|更新|公开|审议|交办|索引)?(?:时间|日期)[：]|(?:信息|文章|稿件)?来源[：]|(?:浏览|阅读|点击|访问)(?:次数|量)?[：]|作者[：]|(?:责任)?编辑[：]|字[号体](?:大小)?[：]"
    r"|(?:本[网报])?(?:记者|通讯员)\s|当前位置|首页|打印|分享到|上一篇|下一篇|附件\d?|\d{4}[-./年]\d{1,2}(?:[-./月]|$)|[（(](?:\d{4}年|图为|公开时间)[^（）()]*[）)]"
)
_LIST_TITLE = re.compile(r"清单|台账|一览|汇总|底稿")
_ACTIONS_TITLE = re.compile(
    r"(?:整改|工作|有关|几点|下一?步|监督|巡察)(?:的)?(?:要求|建议|意见|打算|安排|计划|措施|目标|思路|重点)|意见(?:和)?建议|下一?步|组织领导|(?:总体|基本|整体)(?:情况|做法)|主要做法"
    r"|工作(?:成效|亮点|概况|开展)|整改(?:成效|工作推进|组织|方案)|指导思想|方法步骤|时间安排|保障措施|主要任务|联系方式|取得的"
    r"|^(?:进一步)?(?:提高|加强|强化|压实|扛起|扛牢|深化|坚持|巩固|聚焦|健全|完善|突出|增强|严肃|切实|持续|坚决|提升|严格|统筹)"
)
# Words after which a paragraph goes on to list what was found.
_TRIGGER = re.compile(
    r"(?:发现|存在|反映|指出|查出|暴露|梳理)[^。；：！？]{0,30}(?:问题|不足|差距|短板|薄弱环节|情况|现象)[^。；：！？]{0,14}(?:[：，]|$)"
    r"|(?:主要|突出|集中)?(?:表现|问题|不足|差距)(?:是|为|有|在|在于|如下)[：，]?|(?:主要|具体)(?:是|有)[：，]?|(?:巡察|检查|审计|核查)(?:组)?(?:还|也)?(?:发现|指出|认为)[：，]"
)
# Words after which it turns to demands, procedure or a pledge.
_TURN = re.compile(
    r"强调|表示|希望|并对下一步|提出[^。；]{0,24}(?:意见|建议|要求)|(?:针对|对)[^。；]{0,10}(?:上述|以上|这些|存在的|反馈的|发现的)[^。；]{0,12}问题"
    r"|问题线索[^。；]{0,30}(?:处理|移交|移送|转)|下一步|要求[^。；]{0,30}(?:要|党组|党委|支部)|要切实"
)
_EXAMINED = re.compile(r"[一二三四五六七八九]?[看查要](?![看出不无])|是否|有没有")
_LEAD = re.compile(
    r"(?P<topic>(?:在|关于|聚焦|围绕|对照|从|就)?[^，。；：“”]{2,40}?(?:方面|领域|环节|层面|情况|建设上|工作上|落实上))?(?:看|来看)?(?:的)?[，：]?"
    r"(?:(?:主要|仍|还|依然|也|均|普遍|突出)?(?:存在|表现为|表现在|体现为|反映出|发现)(?:的)?(?:主要|突出|以下|一些|下列)?(?:问题)?(?:是|有|为)?[：，]?"
    r"|(?:主要|具体|突出)(?:问题|表现)?(?:是|为|有|在于)?[：，]|(?:问题|表现)(?:是|为|有)?[：，])"
)
_TOPIC = re.compile(
    r"(?P<topic>(?:在|关于|聚焦|围绕|对照|从|就)?[^，。；：“”]{2,40}?(?:方面|领域|环节|层面|情况|建设上|工作上|落实上)|(?:围绕|聚焦|对照|关于)[^，。；：“”]{2,30}"
    r"|在[^，。；：“”]{2,14}(?:院|局|中心|所|站|科|县|区|镇|乡|村|校)|在[^，。；：“”]{2,16}(?<!基础)(?<!会)(?<!网)上)(?:看|来看)?(?:[，：]|——)"
)
# Who found it, before the topic and the statement.
_FOUND_BY = re.compile(
    r"(?:[^，。；：“”]{2,24}(?:反馈|检查|走访|督查|查阅|核查)[^，。；：“”]{0,8}?[时中后]，)?"
    r"(?:但|同时|不过)?[，]?(?:此次|本次)?(?:巡[察视]|检查|审计|督查|调查)(?:组)?(?:在[^，。；：“”]{2,16})?(?:中)?(?:也|还|同时)?"
    r"(?:发现|认为|指出|了解到|看到|注意到)[，：]"
)
# What is put behind a finding on its line, in brackets or after a blank: 责任：……, （整改情况：……）, （查资料）.
_TAIL_NOTE = re.compile(
    r"\s+(?:责任|整改|牵头|完成|时限)[^，。；：]{0,8}[：].*$"
    r"|[（(](?:整改|责任|牵头|时限|已(?:整改|完成|纠正|清退|办结)|查[资会现档文账凭])[^（）()]*[）)]$"
)
_ANNOUNCEMENT = re.compile(r"[^：“”]{0,60}(?:问题|表现|不足|如下|发现|是|有)[^：“”]{0,12}：")
_QUOTED = re.compile(
    r"(?:(?:关于|针对|对于?|反馈(?:的|指出|提出)?|指出|提出)(?:存在)?(?:的)?“(?P<quote>[^\n]{4,}?)”(?=[^“”]*$|[^“”]{0,16}(?:问题|方面|。))"
    r"|“(?P<bare>[^\n]{4,}?)”(?=的?问题|方面(?:问题|的问题)))(?:[的这一]*(?:方面)?(?:的)?(?:问题)?)(?:的?整改(?:落实)?(?:情况|进展)?)?"
)
_QUOTED_BARE = re.compile(
    r"(?:关于|针对)(?P<quote>[^“”\n。]{4,120}?)(?P<bare>)(?:的问题|问题)(?=[。.：；，]|的?整改|$|（)(?:的?整改(?:落实)?(?:情况|进展)?)?"
)

# Titles of the parts of a notice, which state nothing whatever stands under them.
_PART_TITLE = re.compile(
    r"(?:主要|有关|相关|总体|基本|整体|具体|巡察|检查|整改|工作|当前|目前|下一?步|意见|存在|发现|反馈|突出|重点|监督|督查|审计)*(?:的)?(?:主要|突出|具体)?"
    r"(?:问题|情况|内容|要求|建议|意见|打算|安排|计划|措施|范围|对象|方式|时间|方法|步骤|依据|成效|做法|目标|任务|说明|进展|概况|清单|台账)"
    r"(?:及|和|与)?(?:整改|措施|成效|建议|要求|情况)*|[^，。；：]{2,40}方面|【[^【】]{1,12}】"
)
_TITLE_LINES = 4

_CLOSERS = {"“": "”", "（": "）", "《": "》", "「": "」", "【": "】", "〔": "〕"}
_BREAKS = "。；！？"


def blocks_of(notice: Notice) -> list[Block]:
    """Return the blocks of those lines of ``notice`` that belong to no table, in order."""
    return _Layout(notice).run()


@dataclass(slots=True)
class _Level:
    style: str
    title: str
    zone: Zone
    block: Block


class _Layout:
    """One walk down the lines of a notice with the stack of headings above the current line."""

    def __init__(self, notice: Notice) -> None:
        self.text = notice.text
        tables = table_lines(notice)
        self.lines = [line for line in notice.lines if line.end > line.start and line.start not in tables]
        self.title = notice.title or ""
        self.stack: list[_Level] = []
        self.blocks: list[Block] = []
        # What the running text has announced last: findings (主要问题是：) or demands (提出三点要求).
        self.zone: Zone = "neutral"
        # The last item, and whether its measures have begun.
        self.item: Block | None = None
        self.in_measures = False

    def run(self) -> list[Block]:
        """Return the blocks of all lines outside tables."""
        listed = self._list_lines()
        for index, line in enumerate(self.lines):
            text = self.text[line.start : line.end]
            if index < _TITLE_LINES and text in self.title:
                continue
            marker = parse_marker(text)
            if marker is not None:
                following = self.lines[index + 1] if index + 1 < len(self.lines) else None
                answered_below = following is not None and _is_measure_line(self.text[following.start : following.end])
                self._numbered(line, text, marker, answered_below)
            elif self.item is not None and _is_measure_line(text):
                self.in_measures = True
                self.item.answered = self.item.answered or not self.item.measures
                self.item.measures.append((line.start, line.end))
                self._split(self._block("prose", line, line.start), line.start, line.end)
            elif index in listed:
                self._split(self._block("line", line, line.start), line.start, line.end)
            elif len(text) <= 40 and text[-1] not in "。；：，！？、":
                self._title(line, text)
            else:
                self._paragraph(line)
        return self.blocks

    def _list_lines(self) -> set[int]:
        """Return the indexes of lines of plain lists: three or more short unnumbered lines of one sentence in a row.

        Where the title says that the notice is a list, its lines may be long and of several sentences.
        """
        longest, sentences = (400, 9) if _LIST_TITLE.search(self.title) else (120, 1)
        listed: set[int] = set()
        run: list[int] = []
        for index in range(len(self.lines) + 1):
            text = self.text[self.lines[index].start : self.lines[index].end] if index < len(self.lines) else ""
            inner = text.rstrip("。；")
            if (
                4 <= len(text) <= longest
                and parse_marker(text) is None
                and inner.count("。") < sentences
                and (text.count("；") < 2 or sentences > 1)
                and not _LABEL.match(text)
                and not text.endswith("：")
            ):
                run.append(index)
                continue
            if len(run) >= 3:
                listed.update(run)
            run = []
        return listed

    def _numbered(self, line: Line, text: str, marker: Marker, answered_below: bool) -> None:
        start = line.start + marker.end
        depth = next((i for i, level in enumerate(self.stack) if level.style == marker.style), None)
        if (
            self.in_measures
            and self.item is not None
            and depth is None
            and marker.style not in ("part", "chapter", "quoted")
            and self.item.form != "quoted"
        ):
            # 整改措施： followed by a numbered list of measures, deeper than any number of the problems so far.
            self.item.measures.append((line.start, line.end))
            self._split(self._block("item", line, start, marker), start, line.end)
            return
        if depth is not None:
            del self.stack[depth:]
        if marker.style in ("part", "chapter"):
            self.zone = "neutral"
        self.in_measures = False
        quote = _QUOTED.match(self.text, start, line.end) or _QUOTED_BARE.match(self.text, start, line.end)
        block = self._block("quoted" if quote else "item", line, start, marker)
        if quote:
            group = "quote" if quote.group("quote") else "bare"
            block.clauses.append(Clause(*quote.span(group), number=marker.printed, zone=self._zone_here()))
            self._push(marker.style, quote.group(group), block)
            # What follows on the line is the measures, unless it is an enumeration of the problem's sub-items or they begin on the
            # next line with 整改情况： and the like; then it tells more of the problem.
            self._split(block, quote.end(), line.end, first_part=1, answers=not answered_below)
        else:
            self._split(block, start, line.end)
            title = _first_sentence(self.text[start : line.end])
            self._push(marker.style, title, block)
        self.item = block

    def _title(self, line: Line, text: str) -> None:
        """Take a short unnumbered line without a final mark as a heading of what follows, unless it is page furniture or a date."""
        if _FURNITURE.match(text):
            self._split(self._block("line", line, line.start), line.start, line.end)
            return
        depth = next((i for i, level in enumerate(self.stack) if level.style == "title"), None)
        if depth is not None:
            del self.stack[depth:]
        elif all(level.style not in ("part", "chapter") for level in self.stack):
            self.stack.clear()
        block = self._block("line", line, line.start)
        self._split(block, line.start, line.end)
        self.zone, self.item, self.in_measures = "neutral", None, False
        self._push("title", text, block)

    def _paragraph(self, line: Line) -> None:
        form: Form = "prose"
        quote = _QUOTED.match(self.text, line.start, line.end)
        block = self._block(form, line, line.start)
        if quote and line.end - quote.end() <= 3:
            block.form = "quoted"
            group = "quote" if quote.group("quote") else "bare"
            block.clauses.append(Clause(*quote.span(group), zone=self._zone_here()))
            self._push("quoted", quote.group(group), block)
            self.item, self.in_measures = block, False
            return
        if self.item is not None:
            self.item.measures.append((line.start, line.end))
        # An unnumbered paragraph under a quoted problem mostly answers it.
        self._split(block, line.start, line.end, answers=self.item is not None and self.item.form == "quoted")

    def _block(self, form: Form, line: Line, start: int, marker: Marker | None = None) -> Block:
        block = Block(
            form,
            start,
            line.end,
            line.place,
            style=marker.style if marker else "",
            number=marker.printed if marker else "",
            value=marker.value if marker else None,
            headings=tuple(level.title for level in self.stack),
            parent=self.stack[-1].block if self.stack else None,
        )
        self.blocks.append(block)
        return block

    def _push(self, style: str, title: str, block: Block) -> None:
        zone: Zone = (
            "actions" if _ACTIONS_TITLE.search(title) else "findings" if _FINDINGS_TITLE.search(title) else "neutral"
        )
        self.stack.append(_Level(style, title.strip("。；：，. "), zone, block))

    def _zone_here(self) -> Zone:
        if self.zone != "neutral":
            return self.zone
        return next((level.zone for level in reversed(self.stack) if level.zone != "neutral"), "neutral")

    def _split(self, block: Block, start: int, end: int, first_part: int = 0, answers: bool = False) -> None:
        """Cut ``text[start:end]`` into clauses and add them to ``block``; ``answers``: unnumbered text is measures."""
        in_measures = self.in_measures
        for part, (number, part_start, part_end) in enumerate(_parts(self.text, start, end), first_part):
            lead = ""
            in_measures = in_measures or (answers and not number)
            for clause_start, clause_end in _clauses(self.text, part_start, part_end):
                words = self.text[clause_start:clause_end]
                mark = self.text[clause_end : clause_end + 1] if clause_end < part_end else ""
                label = _LABEL.match(words)
                if label:
                    name = label.group("boxed") or label.group("plain")
                    if _MEASURE_LABEL.search(name) and not _FINDING_LABEL.search(name):
                        in_measures = True
                    elif _FINDING_LABEL.search(name):
                        in_measures = False
                        clause_start += label.end()
                        words = words[label.end() :]
                    elif len(name) <= 8 and len(words) - label.end() >= 6:
                        # ▲ 医废：放射科…… : the label is a topic.
                        lead = name
                        clause_start += label.end()
                        words = words[label.end() :]
                elif _MEASURE_OPENING.match(words):
                    in_measures = True
                if _TURN.search(words) or _EXAMINED.match(words):
                    self.zone = "actions"
                announced = _TRIGGER.search(words)
                if announced and not _TURN.search(words, announced.end()):
                    self.zone = "findings"
                lead_end, topic = _lead(words)
                lead = topic or lead
                clause_start += lead_end
                note = _TAIL_NOTE.search(self.text, clause_start, clause_end)
                clause_start, clause_end = _trim(self.text, clause_start, note.start() if note else clause_end)
                if clause_end - clause_start >= 3 and not _PART_TITLE.fullmatch(self.text, clause_start, clause_end):
                    block.clauses.append(
                        Clause(
                            clause_start,
                            clause_end,
                            number or block.number,
                            lead,
                            part,
                            mark,
                            self._zone_here(),
                            in_measures,
                        )
                    )
        if in_measures and block is self.item:
            self.in_measures = True


def _is_measure_line(text: str) -> bool:
    label = _LABEL.match(text)
    if label:
        name = label.group("boxed") or label.group("plain")
        return bool(_MEASURE_LABEL.search(name)) and not _FINDING_LABEL.search(name)
    return bool(_MEASURE_OPENING.match(text))


def _first_sentence(text: str) -> str:
    end = next(_boundaries(text, 0, len(text), "。；：！？"), None)
    return text if end is None else text[:end]


def _boundaries(text: str, start: int, end: int, marks: str) -> Iterator[int]:
    """Yield where one of ``marks`` stands outside quotation marks and brackets."""
    closer = ""
    for index in range(start, end):
        char = text[index]
        if closer:
            if char == closer:
                closer = ""
        elif char in _CLOSERS:
            # A mark whose partner is lost must not swallow the rest of the paragraph.
            if text.find(_CLOSERS[char], index + 1, end) > 0:
                closer = _CLOSERS[char]
        elif char in marks:
            yield index


def _parts(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Yield (number, start, end) of the parts that an inline enumeration (一是…二是…, ①…②…) makes of a stretch."""
    opens = []
    for match in INLINE.finditer(text, start, end):
        before = text[match.start() - 1] if match.start() > start else "。"
        # 一是 opens a part after any mark; digits only where a sentence ends, or they would be amounts and dates.
        if (
            before in "。；：！？"
            or (match.lastgroup in ("spoken", "circled") and before in "，、 ）")
            or match.lastgroup == "circled"
        ):
            opens.append(match)
    if not opens or opens[0].start() > start:
        yield "", start, opens[0].start() if opens else end
    for match, following in zip(opens, [*opens[1:], None], strict=False):
        yield match.group().strip("，：、. "), match.end(), following.start() if following else end


def _clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for boundary in [*_boundaries(text, start, end, _BREAKS), end]:
        if boundary > start:
            yield start, boundary
        start = boundary + 1


def _lead(words: str) -> tuple[int, str]:
    """Return the length of the lead-in of a clause (落实……方面，存在) and its topic."""
    found_by = _FOUND_BY.match(words)
    length, topic = found_by.end() if found_by else 0, ""
    match = _LEAD.match(words, length) or _TOPIC.match(words, length)
    if match and len(words) - match.end() >= 4:
        length, topic = match.end(), match.group("topic") or ""
    announced = _ANNOUNCEMENT.match(words, length)
    if announced and len(words) - announced.end() >= 4:
        return announced.end(), topic or words[length : announced.end() - 1]
    return length, topic


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in " ，；：。、.·-—":
        start += 1
    while end > start and text[end - 1] in " ，；：。、.":
        end -= 1
    return start, end
