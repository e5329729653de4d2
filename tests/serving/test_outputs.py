import csv
import io
import json

import openpyxl
import pytest
import xuntag
from xuntag import XuntagError
from xuntag.serving.batch import find_inputs, tag_files
from xuntag.serving.outputs import write_results

LEDGER = "\n".join(
    [
        "序号\t反馈问题\t整改措施\t责任科室\t整改时限\t完成情况",
        "1\t=HYPERLINK(1)固定资产账实不符\t+清查\t财务科\t2023年6月\t已完成",
        "2\t-3万元白条入账，手续不全\t@清退\t财务科\t2023年6月\t推进中",
        "3\t医疗废物交接登记缺项<script>alert(1)</script>\t=1+1\t院感科\t立行立改\t已完成",
        "4\t支部三年没有换届\t换届\t党办/人事[科]:长\t年底\t已完成",
    ]
)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("in")
    (folder / "台账.txt").write_text(LEDGER, encoding="utf-8")
    (folder / "清单.txt").write_text(
        "检查发现的问题\n1.药品采购先用后招。\n2.理论学习不深入。\n3.处方点评走过场。", encoding="utf-8"
    )
    (folder / "空.txt").write_bytes(b"")
    return list(tag_files(find_inputs([str(folder)]), xuntag.load_tagger()))


def write(results, path, split_by=None):
    tagger = xuntag.load_tagger()
    write_results(path, results, tagger.taxonomy, tagger.model, split_by)
    return path


def test_a_bad_file_among_good_ones_is_a_result_with_its_error(results):
    read = {result.path.name: result.error is None for result in results}
    assert read == {"台账.txt": True, "清单.txt": True, "空.txt": False}


def test_jsonl_has_a_row_a_finding_with_all_fields(results, tmp_path):
    rows = [json.loads(line) for line in write(results, tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 7
    row = next(row for row in rows if "白条" in row["text"])
    assert row["file"] == "台账.txt"
    assert row["labels"][0] == "finance"
    assert (row["responsible"], row["deadline"], row["status"]) == ("财务科", "2023年6月", "推进中")
    assert len(row["scores"]) == 25


def test_csv_opens_in_excel_with_chinese_and_without_formulas(results, tmp_path):
    content = write(results, tmp_path / "o.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 7
    assert all(not (value or "").startswith(("=", "+", "-", "@")) for row in rows for value in row.values())
    assert any(row["问题"].startswith("'=HYPERLINK(1)固定资产") for row in rows)
    assert {row["类别1"] for row in rows} >= {"资产管理", "医疗废物与污水"}


def test_workbook_is_made_to_be_corrected(results, tmp_path):
    book = openpyxl.load_workbook(write(results, tmp_path / "o.xlsx"))
    assert book.sheetnames == ["问题清单", "分类统计", "文件", "类别", "说明", "_xuntag"]
    sheet = book["问题清单"]
    header = [cell.value for cell in sheet[1]]
    assert sheet.freeze_panes == "H2"
    assert sheet.auto_filter.ref.startswith("A1:")
    assert sheet.max_row == 8
    ranges = {str(v.sqref).split(":")[0][0]: v.formula1 for v in sheet.data_validations.dataValidation}
    assert any("类别" in formula for formula in ranges.values())
    assert '"是"' in ranges.values()
    category = header.index("类别1")
    names = [row[1].value for row in book["类别"].iter_rows(min_row=2)]
    assert len(names) == 25
    assert all(row[category].value in names for row in sheet.iter_rows(min_row=2))
    # What needs a person comes first, and is coloured.
    flags = [row[0].value == "请核对" for row in sheet.iter_rows(min_row=2)]
    assert flags == sorted(flags, reverse=True)
    for row in sheet.iter_rows(min_row=2):
        assert (row[0].fill.fgColor.rgb == "FFFFF1C9") == (row[0].value == "请核对")
    assert sheet.column_dimensions["S"].hidden
    assert book["_xuntag"].sheet_state == "veryHidden"
    assert all(cell.data_type != "f" for ws in book for row in ws.iter_rows() for cell in row)
    assert any(str(row[header.index("问题")].value).startswith("=HYPERLINK") for row in sheet.iter_rows(min_row=2))


def test_counts_by_category_and_notice_add_up(results, tmp_path):
    sheet = openpyxl.load_workbook(write(results, tmp_path / "o.xlsx"))["分类统计"]
    header = [cell.value for cell in sheet[1]]
    rows = [[cell.value or 0 for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert set(header[4:]) == {"台账.txt", "清单.txt"}
    assert rows[-1][1:3] == ["合计", 7]
    assert sum(row[2] for row in rows[:-1]) == 7
    assert all(row[2] == sum(row[4:]) for row in rows)


def test_notices_sheet_says_what_could_not_be_read(results, tmp_path):
    sheet = openpyxl.load_workbook(write(results, tmp_path / "o.xlsx"))["文件"]
    remarks = {row[0].value: row[8].value for row in sheet.iter_rows(min_row=2)}
    assert "the file is empty" in remarks["空.txt"]


@pytest.mark.parametrize(
    ("split_by", "wanted"),
    [
        ("responsible", {"财务科", "院感科", "党办 人事 科 ：长", "未写明责任"}),
        ("category", {"资产管理"}),
        ("group", set()),
    ],
)
def test_split_by_adds_a_sheet_for_each_value(results, tmp_path, split_by, wanted):
    book = openpyxl.load_workbook(write(results, tmp_path / "o.xlsx", split_by))
    extra = [
        name for name in book.sheetnames if name not in ("问题清单", "分类统计", "文件", "类别", "说明", "_xuntag")
    ]
    assert set(extra) >= wanted
    assert sum(book[name].max_row - 1 for name in extra) >= 7


def test_a_wrong_suffix_or_split_is_refused_and_nothing_written(results, tmp_path):
    with pytest.raises(XuntagError, match=r"must end in \.jsonl, \.csv, \.xlsx"):
        write(results, tmp_path / "o.xls")
    with pytest.raises(XuntagError, match="--split-by makes sheets"):
        write(results, tmp_path / "o.csv", "group")
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_cannot_be_written_keeps_the_old_one(results, tmp_path):
    (tmp_path / "o.csv").mkdir()
    with pytest.raises(XuntagError, match="Cannot write"):
        write(results, tmp_path / "o.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["o.csv"]


def test_files_of_one_name_in_two_folders_are_told_apart(tmp_path):
    for folder in ("甲", "乙"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "通报.txt").write_text("1.固定资产账实不符。\n2.白条入账。", encoding="utf-8")
    tagged = list(tag_files(find_inputs([str(tmp_path)]), xuntag.load_tagger()))
    rows = [json.loads(line) for line in write(tagged, tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len({row["file"] for row in rows}) == 2


def test_inputs_are_files_folders_and_patterns_each_once_without_litter(tmp_path):
    for name in ("b.txt", "a.docx", "~$a.docx", ".DS_Store", "sub/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    found = find_inputs([str(tmp_path / "b.txt"), str(tmp_path), str(tmp_path / "*.docx")])
    assert [p.name for p in found if not p.name.startswith("~")] == ["b.txt", "a.docx", "c.txt"]
    with pytest.raises(XuntagError, match="No file matches"):
        find_inputs([str(tmp_path / "*.pdf")])
