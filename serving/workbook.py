"""The workbook that an officer reads, corrects and hands back."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet

from ..data.taxonomy import Taxonomy
from .batch import FoundIn, Result, findings_of
from .sheets import CENTRE, FONT, WRAP, cell_text, fit_row, head, print_on_width, put

FINDINGS, COUNTS, NOTICES, HELP, CATEGORIES, PROVENANCE = "问题清单", "分类统计", "文件", "说明", "类别", "_xuntag"

# Goes up when a workbook of an older format could no longer be taken back.
FORMAT = "2"

REVIEW, REVIEWED = "请核对", "已核对"

# (header, width, what it means); the officer fills the ones marked as such.
COLUMNS: tuple[tuple[str, int, str], ...] = (
    (
        "核对",
        9,
        "【可改】写着“请核对”的，模型没有把握，请人先看，已排在最前。看过的选“已核对”，没有改动的也会当作您认可的答案来学。",
    ),
    ("文件", 20, "问题出自哪个文件。"),
    ("单位", 18, "被巡察、被检查的单位（文中写明时）。"),
    ("序号", 6, "问题在该文件中的次序。"),
    ("编号", 7, "原文的编号。"),
    ("所属标题", 22, "问题所在的各级标题。"),
    ("问题", 60, "问题原文。不要改动，改动会使交回时对不上。"),
    ("类别1", 17, "【可改】主要类别，从下拉中选。"),
    ("类别2", 15, "【可改】第二类别，没有就空着。"),
    ("类别3", 15, "【可改】第三类别，没有就空着。"),
    ("不是问题", 9, "【可改】这一条其实不是问题时选“是”。"),
    ("备注", 22, "【可改】想说的话。"),
    ("把握", 7, "模型对主要类别的把握，0 到 1。"),
    ("完成情况", 12, "文中写明的整改状态。"),
    ("整改措施", 40, "文中写明的措施及成效。"),
    ("责任", 14, "责任人或责任单位。"),
    ("时限", 12, "整改时限。"),
    ("位置", 12, "在原文件中的位置：行、段、表格行或单元格。"),
    ("标识", 4, "交回时用来对上原来的问题，请勿改动（已隐藏）。"),
)
HEADERS = tuple(name for name, _, _ in COLUMNS)
_NARROW = {"核对", "序号", "编号", "不是问题", "把握"}
_REVIEW_FILL = PatternFill("solid", bgColor="FFFFF1C9", fgColor="FFFFF1C9")
_DROPPED_FILL = PatternFill("solid", bgColor="FFE3E3E3", fgColor="FFE3E3E3")


def workbook_bytes(results: Sequence[Result], taxonomy: Taxonomy, model: str, split_by: str | None) -> bytes:
    """Return the workbook of the findings of ``results``.

    Sheets: the findings (what needs a person first), counts by category and notice, with ``split_by`` (responsible, category or
    group) one sheet a value, the notices with what may be missing, the categories, and what the columns mean.
    """
    found = findings_of(results)
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.title = FINDINGS
    # The categories are referred to by the drop-downs, so they are written first and moved to the end.
    categories = workbook.create_sheet(CATEGORIES)
    _fill_categories(categories, taxonomy)
    _fill_findings(sheet, sorted(found, key=lambda item: not item.finding.needs_review), taxonomy, editable=True)
    _fill_counts(workbook.create_sheet(COUNTS), found, taxonomy)
    if split_by is not None:
        _fill_split(workbook, found, taxonomy, split_by)
    _fill_notices(workbook.create_sheet(NOTICES), results)
    workbook.move_sheet(categories, len(workbook.sheetnames))
    _fill_help(workbook.create_sheet(HELP), model)
    _fill_provenance(workbook.create_sheet(PROVENANCE), found, taxonomy, model)
    # Otherwise the library signs as the author, and who handed the workbook back could not be told.
    workbook.properties.creator = "xuntag"
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def finding_key(item: FoundIn) -> str:
    """Return what identifies a finding when the workbook comes back: the hash of its notice and its span."""
    digest = hashlib.sha256(item.tagged.notice.text.encode("utf-8")).hexdigest()[:16]
    return f"{digest}:{item.finding.start}:{item.finding.end}"


def text_hash(text: str) -> str:
    """Return what a finding's text is compared by when the workbook comes back; spreadsheet programs change blanks and line ends."""
    return hashlib.sha256("".join(text.split()).encode("utf-8")).hexdigest()[:16]


def _fill_provenance(sheet: Worksheet, found: Sequence[FoundIn], taxonomy: Taxonomy, model: str) -> None:
    """Write what the workbook needs to be taken back: its format, its model, its categories, and each finding as it was."""
    sheet.sheet_state = "veryHidden"
    names = {category.id: category.name for category in taxonomy.categories}
    for row in (
        ("format", FORMAT),
        ("model", model),
        ("taxonomy_sha256", taxonomy.hash()),
        ("categories", json.dumps(names, ensure_ascii=False)),
    ):
        sheet.append(row)
    for item in found:
        sheet.append(
            ("finding", finding_key(item), json.dumps(item.finding.labels), text_hash(cell_text(item.finding.text)))
        )


def _fill_findings(sheet: Worksheet, found: Sequence[FoundIn], taxonomy: Taxonomy, editable: bool) -> None:
    edited = (
        frozenset(name for name, _, meaning in COLUMNS if meaning.startswith("【可改】")) if editable else frozenset()
    )
    head(sheet, 1, HEADERS, [width for _, width, _ in COLUMNS], edited)
    sheet.column_dimensions[get_column_letter(HEADERS.index("标识") + 1)].hidden = True
    for row, item in enumerate(found, 2):
        finding, notice = item.finding, item.tagged.notice
        names = [taxonomy.name_of(label) for label in finding.labels] + ["", "", ""]
        values: tuple[object, ...] = (
            REVIEW if finding.needs_review else "",
            item.file,
            notice.organisation or "",
            finding.index,
            finding.number,
            finding.heading,
            finding.text,
            *names[:3],
            "",
            "",
            round(max(finding.scores.values()), 2),
            finding.status,
            finding.measures,
            finding.responsible,
            finding.deadline,
            finding.place,
            finding_key(item),
        )
        for column, (name, value) in enumerate(zip(HEADERS, values, strict=True), 1):
            cell = put(sheet, row, column, value)
            if name in _NARROW:
                cell.alignment = CENTRE
            if name == "把握":
                cell.number_format = "0.00"
            if finding.needs_review and name in ("核对", "问题", "类别1", "类别2", "类别3"):
                cell.fill = _REVIEW_FILL
        fit_row(sheet, row, least=2)
    last = max(len(found) + 1, 2)
    sheet.freeze_panes = "H2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(HEADERS))}{last}"
    sheet.sheet_view.zoomScale = 100
    print_on_width(sheet)
    sheet.print_title_rows = "1:1"
    sheet.page_margins = PageMargins(left=0.3, right=0.3, top=0.4, bottom=0.5)
    if sheet.oddFooter is not None:
        sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    if editable:
        _add_choices(sheet, last + 200, len(taxonomy.categories))


def _add_choices(sheet: Worksheet, last: int, categories: int) -> None:
    """Add the drop-downs and the greying of what is marked as no finding; rows below are for findings that were missed."""
    letters = {name: get_column_letter(index) for index, name in enumerate(HEADERS, 1)}
    choice = DataValidation(
        "list", formula1=f"='{CATEGORIES}'!$B$2:$B${categories + 1}", allow_blank=True, showErrorMessage=True
    )
    choice.errorTitle, choice.error = "类别", "请从下拉中选一个类别，全部类别见“类别”表。"
    looked = DataValidation("list", formula1=f'"{REVIEW},{REVIEWED}"', allow_blank=True, showErrorMessage=True)
    looked.errorTitle, looked.error = "核对", f"看过的选“{REVIEWED}”。"
    looked.add(f"{letters['核对']}2:{letters['核对']}{last}")
    answer = DataValidation("list", formula1='"是"', allow_blank=True, showErrorMessage=True)
    answer.errorTitle, answer.error = "不是问题", "这一条不是问题时选“是”，否则空着。"
    for name in ("类别1", "类别2", "类别3"):
        choice.add(f"{letters[name]}2:{letters[name]}{last}")
    answer.add(f"{letters['不是问题']}2:{letters['不是问题']}{last}")
    sheet.add_data_validation(choice)
    sheet.add_data_validation(looked)
    sheet.add_data_validation(answer)
    sheet.conditional_formatting.add(
        f"A2:{letters['位置']}{last}",
        FormulaRule(  # type: ignore[no-untyped-call]
            [f'${letters["不是问题"]}2="是"'],
            fill=_DROPPED_FILL,
            font=Font(color="FF8A8A8A", strike=True),
            stopIfTrue=True,
        ),
    )


def _fill_counts(sheet: Worksheet, found: Sequence[FoundIn], taxonomy: Taxonomy) -> None:
    """Write primary categories by notice, with totals."""
    files = list(dict.fromkeys(item.file for item in found))
    counts = Counter((item.finding.labels[0] if item.finding.labels else "", item.file) for item in found)
    extra = Counter(label for item in found for label in item.finding.labels[1:])
    head(sheet, 1, ["分组", "类别", "合计", "另作次要类别", *files], [26, 18, 8, 10, *[14] * len(files)])
    row = 2
    for category in taxonomy.categories:
        total = sum(counts[category.id, file] for file in files)
        if not total and not extra[category.id]:
            continue
        values = [
            taxonomy.group_of(category.id),
            category.name,
            total,
            extra[category.id] or "",
            *(counts[category.id, f] or "" for f in files),
        ]
        for column, value in enumerate(values, 1):
            put(sheet, row, column, value).alignment = WRAP if column <= 2 else CENTRE
        row += 1
    by_file = Counter(item.file for item in found)
    totals: list[object] = ["", "合计", len(found), sum(extra.values()), *(by_file[file] for file in files)]
    for column, total_value in enumerate(totals, 1):
        cell = put(sheet, row, column, total_value)
        cell.font = Font(name=FONT, size=10, bold=True)
        cell.alignment = WRAP if column <= 2 else CENTRE
    sheet.freeze_panes = "D2"


def _fill_split(workbook: Workbook, found: Sequence[FoundIn], taxonomy: Taxonomy, split_by: str) -> None:
    keys: dict[str, Callable[[FoundIn], list[str]]] = {
        "responsible": lambda item: [item.finding.responsible or "未写明责任"],
        "category": lambda item: [taxonomy.name_of(label) for label in item.finding.labels] or ["未分类"],
        "group": lambda item: (
            [taxonomy.group_of(item.finding.labels[0]) or "未分组"] if item.finding.labels else ["未分类"]
        ),
    }
    parts: dict[str, list[FoundIn]] = {}
    for item in found:
        for name in keys[split_by](item):
            parts.setdefault(name, []).append(item)
    for name, items in sorted(parts.items(), key=lambda part: -len(part[1])):
        _fill_findings(workbook.create_sheet(_sheet_name(name, workbook.sheetnames)), items, taxonomy, editable=False)


def _sheet_name(name: str, taken: Sequence[str]) -> str:
    r"""Return a sheet name that Excel accepts: no []:*?/\ or quotes at the ends, at most 31 characters, unique whatever the case."""
    clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip(" '") or "其他"
    candidate, number = clean[:31], 2
    while candidate.lower() in {other.lower() for other in taken}:
        candidate = f"{clean[:27]}({number})"
        number += 1
    return candidate


def _fill_notices(sheet: Worksheet, results: Sequence[Result]) -> None:
    head(
        sheet,
        1,
        ["文件", "标题", "单位", "日期", "类型", "提取问题数", "文中所称数", "请核对", "需留意"],
        [26, 36, 20, 12, 10, 10, 10, 8, 60],
    )
    kinds = {
        "feedback": "反馈通报",
        "rectification": "整改报告",
        "quoted": "整改报告",
        "news": "新闻",
        "ledger": "台账",
        "list": "清单",
        "speech": "讲话或方案",
    }
    for row, result in enumerate(results, 2):
        if result.tagged is None:
            values: list[object] = [result.path.name, "", "", "", "", "", "", "", f"未能读取：{result.error}"]
        else:
            notice, findings = result.tagged.notice, result.tagged.findings
            values = [
                result.path.name,
                notice.title or "",
                notice.organisation or "",
                notice.date or "",
                kinds[notice.kind],
                len(findings),
                notice.stated_count or "",
                sum(f.needs_review for f in findings),
                "\n".join(notice.review_reasons),
            ]
        for column, value in enumerate(values, 1):
            cell = put(sheet, row, column, value)
            if column == 9 and value:
                cell.fill = _REVIEW_FILL
        fit_row(sheet, row)
    sheet.freeze_panes = "B2"
    print_on_width(sheet)


def _fill_categories(sheet: Worksheet, taxonomy: Taxonomy) -> None:
    head(sheet, 1, ["分组", "类别", "说明", "包括", "不包括"], [26, 18, 50, 50, 36])
    for row, category in enumerate(taxonomy.categories, 2):
        values = [
            taxonomy.group_of(category.id),
            category.name,
            category.definition,
            "、".join(category.includes),
            "；".join(category.excludes),
        ]
        for column, value in enumerate(values, 1):
            put(sheet, row, column, value)
        fit_row(sheet, row)
    sheet.freeze_panes = "C2"
    print_on_width(sheet)


def _fill_help(sheet: Worksheet, model: str) -> None:
    head(sheet, 1, ["列", "含义"], [14, 90])
    notes = [(name, meaning) for name, _, meaning in COLUMNS]
    notes += [
        (
            "怎么改",
            "在“问题清单”表的绿色列中修改：看过的选“已核对”，换类别，把不是问题的标为“是”，写备注。漏掉的问题，在表尾空行填“文件”“问题”“类别1”即可。",
        ),
        (
            "改完之后",
            "保存为 .xlsx 交回，不要删除列、不要改表名；或在装有 xuntag 的电脑上运行：xuntag learn 这张表.xlsx",
        ),
        ("请核对", "未标“请核对”的条目按模型的承诺可直接采用；标了的请人先看。"),
        ("需留意", "“文件”表最后一列写明可能遗漏之处：提取数少于文中所称、编号不连续、拿不准的语句。"),
        ("模型", model),
    ]
    for row, note in enumerate(notes, 2):
        for column, value in enumerate(note, 1):
            put(sheet, row, column, value)
        fit_row(sheet, row)
    print_on_width(sheet)
