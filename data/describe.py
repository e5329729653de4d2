"""What a notice says of itself: title, inspected organisation, date, kind, and how many problems it counts."""

from __future__ import annotations

import dataclasses
import re

from .markers import parse_marker
from .notice import CELL_SEPARATOR, Kind, Notice

_FURNITURE = re.compile(
    r">|网站|首页|〔20\d\d〕|文件$|^附件\d*$|^(?:当前位置|首页|发布(?:时间|日期)|来源|作者|浏览|点击|阅读|字体|字号|【?字体|打印|分享|上一[篇条]|下一[篇条]|索引号|责任编辑|扫一扫|返回|您的位置|时间[：:]|日期[：:]|文号|传真|密级)|浏览(?:次数|量)|字体[：:大]"
)
_TITLE_END = re.compile(
    r"(?:通报|报告|公告|公示|通知|情况|清单|台账|意见|讲话|方案|要点|记录|纪要|反馈|汇总表|一览表|问题|总结|进展|函|底稿|提纲|部署|简报|表|会议?|督查|明细|[）)])$"
)
_UNIT = (
    r"(?:中共)?[一-鿿*×某\d]{2,30}?(?:医院|卫生(?:健康|和计划生育|计生)?(?:委员会|委|局)|卫健[委局]|卫计[委局]|疾病?(?:预防)?控制?中心|疾控中心|监督(?:所|局|执法局|执法大队|支队)|保健院|"
    r"血站|血液中心|急救中心|卫生院|服务中心|卫生所|门诊部|中心|学院|学校|中学|小学|大学|委员会|公司|集团|银行|镇|乡|街道(?:办事处)?|局|委|院|所|站|厅|办)"
)
_ORGANISATION = (
    re.compile(rf"向(?P<org>{_UNIT})(?:党[委组]|党总支|党支部|领导班子|委员会|班子|及|反馈|提出|通报)"),
    re.compile(
        rf"(?:^|[）》”。：\n])(?P<org>{_UNIT})(?:党[委组]|党总支|党支部|委员会|总支)?(?:关于|落实|对|就|巡察|巡视|整改|党的建设|20\d\d)"
    ),
    re.compile(rf"对(?P<org>{_UNIT})(?:党[委组]|党总支|党支部|领导班子|及其|原)?(?:开展|进行|实施|进驻)"),
    re.compile(
        rf"关于对?(?P<org>{_UNIT})(?:党[委组]|党总支|党支部)?(?:的)?(?:巡察|巡视|专项|检查|审计|督查|整改|反馈)"
    ),
    re.compile(rf"进驻(?P<org>{_UNIT})"),
    re.compile(
        r"(?:被(?:巡察|检查|督查|督导|审计)(?:单位|对象)|单位名称|受检单位|单位)[：](?P<org>[^\n\t；，。（]{3,30})"
    ),
)
_AROUND_UNIT = re.compile(
    r"^(?:附件\d*|中共|我|原|巡[察视]|对)+|(?<=[院心所站局校司厂])(?:(?:总支部|支部)?委员会|党[委组]|党?总支|党?支部)$|(?:总支部|支部)委员会$"
)
_NOT_UNIT = re.compile(
    r"^(?:关于|代表|向|对|在|就|由)|代表|(?:省|市|县|区|地|州|旗|盟|党)委(?!员|编|政|党|办|组)|巡察组|巡视组|检查组|督查组|工作组|领导小组|有关|我[院局县市区]|各|本|全"
)
_DATE = re.compile(
    r"(?P<y>20[0-3]\d)\s*(?:年|[-/.])\s*(?P<m>1[0-2]|0?[1-9])(?:\s*(?:月|[-/.])\s*(?P<d>3[01]|[12]\d|0?[1-9])\s*日?)?"
)
_CHINESE_DATE = re.compile(
    r"(?P<y>二[〇○零]一?[〇○零一二三四五六七八九]{1,2})年(?P<m>[一二三四五六七八九十]{1,2})月(?:(?P<d>[一二三四五六七八九十]{1,3})日)?"
)
_NUMBER = r"(?P<n>\d{1,3}|[一二三四五六七八九十]{1,3}|[一二三四五六七八九]十[一二三四五六七八九]?)"
_COUNT = (
    re.compile(
        rf"(?:共|合计)?(?:发现|反馈|指出|梳理|查找|检查|提出|涉及|交办|列出|查出|归纳)[^。；\n]{{0,20}}?(?:个(?:方面|大类|大项)|[大]?类|大方面)[^。；\n\d]{{0,6}}{_NUMBER}(?:个|条|项)(?:具体|突出|主要)?(?:问题|不足)"
    ),
    re.compile(
        rf"(?:共|合计|累计)(?:发现|反馈|指出|梳理|查找|检查出?|提出|查出|归纳)?[^。；\n\d]{{0,14}}?{_NUMBER}(?:个|条|项|类)(?:具体|突出|主要|各类)?(?:问题|不足)"
    ),
    re.compile(
        rf"(?:发现|反馈|指出|提出|查出|列出)(?:的|了|意见)?[^。；\n\d]{{0,10}}?{_NUMBER}(?:个|条|项)(?:具体|突出|主要)?(?:问题|不足)"
    ),
    re.compile(rf"(?:反馈|发现|存在)的?(?:具体)?问题(?:共|共计|合计)?{_NUMBER}(?:个|条|项)"),
    re.compile(rf"{_NUMBER}(?:个|条|项)(?:具体|反馈)问题"),
)


def describe(notice: Notice) -> Notice:
    """Return ``notice`` with title, organisation, date, kind and stated count filled in from its text."""
    text = notice.text
    head = [line for line in text.split("\n")[:12] if line.strip()]
    title = _title(head)
    return dataclasses.replace(
        notice,
        title=title,
        organisation=_organisation(title or "", text),
        date=_date(head, text),
        kind=kind_of(text, title or ""),
        stated_count=_stated_count(text),
    )


def _title(head: list[str]) -> str | None:
    """Return the title: the first lines that are short, end without a mark and are no page furniture."""
    parts: list[str] = []
    for line in head[:8]:
        words = line.strip()
        if _FURNITURE.search(words) or CELL_SEPARATOR in words:
            if parts:
                break
            continue
        if len(words) > 60 or words[-1] in "。；，：" or parse_marker(words):
            break
        parts.append(words)
        if _TITLE_END.search(words) or len(parts) == 3:
            break
    # Lines before a prose paragraph that do not end as titles do are names of offices.
    title = re.sub(r"^附件\d*", "", "".join(parts))
    return title if len(title) >= 4 else None


def _organisation(title: str, text: str) -> str | None:
    start = text[:3000]
    for source in (title, start):
        for pattern in _ORGANISATION:
            for match in pattern.finditer(source):
                name = _AROUND_UNIT.sub("", match.group("org").strip())
                if len(name) >= 4 and not _NOT_UNIT.search(name):
                    return name
    return None


def _date(head: list[str], text: str) -> str | None:
    """Return the date of the notice: at its end where it is signed, else at its head, else the first one named."""
    tail = "\n".join(text.rstrip().split("\n")[-6:])
    signed = [line for line in tail.split("\n") if len(line) <= 30]
    for source, last in (("\n".join(signed), True), ("\n".join(head[:6]), False), (text[:3000], False)):
        found = [_iso(match) for match in _DATE.finditer(source)] + [
            _iso_chinese(match) for match in _CHINESE_DATE.finditer(source)
        ]
        if found:
            return found[-1] if last else found[0]
    year = re.search(r"(20[0-3]\d)年", text)
    return year.group(1) if year else None


def _iso(match: re.Match[str]) -> str:
    date = f"{match['y']}-{int(match['m']):02d}"
    return f"{date}-{int(match['d']):02d}" if match["d"] else date


def _iso_chinese(match: re.Match[str]) -> str:
    digits = dict(zip("〇○零一二三四五六七八九", "000123456789", strict=True))
    year = "".join(digits[c] for c in match["y"])
    date = f"{year}-{_value(match['m']):02d}"
    return f"{date}-{_value(match['d']):02d}" if match["d"] else date


def _value(number: str) -> int:
    from .markers import value_of

    return value_of(number) or 0


def _stated_count(text: str) -> int | None:
    """Return how many problems the notice says it names (共发现N个问题)."""
    for pattern in _COUNT:
        match = pattern.search(text[:6000])
        if match and _value(match["n"]) > 0:
            return _value(match["n"])
    return None


_QUOTED_ITEM = re.compile(
    r"^[^\n]{0,12}(?:关于|针对|反馈)[^\n]{0,6}“[^\n]{4,}”[^\n]{0,6}(?:问题|方面)|^[^\n“]{0,8}(?:关于|针对)[^\n。]{4,60}(?:的问题|问题的整改)",
    re.MULTILINE,
)
_ANSWER = re.compile(
    r"整改(?:情况|措施|结果|进展|成效|落实)[】〕]?[：]|【整改|已完成整改|整改时限|责任(?:人|领导|单位)[：]|措施[：]",
    re.MULTILINE,
)
_FINDING_WORDS = re.compile(
    r"存在[^。]{0,20}(?:问题|不足|差距)|不到位|不规范|不严|不够|不力|薄弱|缺失|主要问题|主要是[：]"
)
_DEMANDS = re.compile(r"是否|有没有|要[^求]|重点(?:检查|看|监督)|必须|确保|务必")


def kind_of(text: str, title: str = "") -> Kind:
    """Return the kind of a notice by its layout; a description for people, on which extraction does not depend."""
    lines = [line for line in text.split("\n") if line.strip()]
    rows = sum(CELL_SEPARATOR in line for line in lines)
    if rows >= 3 and rows * 2 >= len(lines):
        return "ledger"
    if len(_QUOTED_ITEM.findall(text)) >= 2:
        return "quoted"
    if len(_ANSWER.findall(text)) >= 3 or (
        re.search(r"整改(?:进展|落实|情况)", title) and len(_ANSWER.findall(text)) >= 1
    ):
        return "rectification"
    findings, demands = len(_FINDING_WORDS.findall(text)), len(_DEMANDS.findall(text))
    if demands > 3 * max(findings, 1) and len(text) > 300:
        return "speech"
    body = [line for line in lines if len(line) > 3]
    short = sum(len(line) <= 80 for line in body)
    if len(body) >= 5 and short >= 0.8 * len(body) and not re.search(r"一是|（一）|整改", text):
        return "list"
    if re.search(r"(?:会上|会议|表示|出席|主持|召开)", text) and len(lines) <= 12 and re.search(r"但|同时", text):
        return "news"
    return "feedback"
