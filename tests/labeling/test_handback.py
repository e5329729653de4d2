import shutil
import subprocess

import openpyxl
import pytest
import xuntag
from typer.testing import CliRunner
from xuntag.cli import app
from xuntag.data.corrections import add_corrections, conflicts_of, read_corrections, settled
from xuntag.errors import DataError
from xuntag.labeling.handback import read_handback
from xuntag.serving.batch import find_inputs, tag_files
from xuntag.serving.outputs import write_results
from xuntag.training.dataset import bundled_dataset

LIST = "检查发现的问题\n1.药品采购先用后招。\n2.理论学习不深入。\n3.固定资产账实不符。\n4.白条入账，金额3万元。\n5.处方点评走过场。"
FINDINGS = "问题清单"


@pytest.fixture
def workbook(tmp_path):
    """Return the path of a workbook of five findings as `xuntag tag` writes it."""
    (tmp_path / "清单.txt").write_text(LIST, encoding="utf-8")
    tagger = xuntag.load_tagger("baseline")
    path = tmp_path / "findings.xlsx"
    write_results(path, list(tag_files(find_inputs([str(tmp_path / "清单.txt")]), tagger)), tagger.taxonomy, "baseline")
    return path


def edit(path, change, to=None):
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(to or path)
    return to or path


def row_of(sheet, text):
    return next(cells[0].row for cells in sheet.iter_rows(min_row=2) if text in str(cells[6].value))


def correct(book):
    """Do what an officer does: change a category, mark one as no finding, add a missed one, write a note."""
    sheet = book[FINDINGS]
    sheet.cell(row_of(sheet, "先用后招"), 8, "制度建设与内部管理")
    sheet.cell(row_of(sheet, "先用后招"), 9, "采购管理")
    sheet.cell(row_of(sheet, "处方点评"), 11, "是")
    sheet.cell(row_of(sheet, "白条"), 12, "金额待核")
    last = sheet.max_row + 1
    for column, value in ((2, "清单.txt"), (7, "食堂账目不公开"), (8, "财务管理")):
        sheet.cell(last, column, value)


def name_of(label):
    return xuntag.load_tagger("baseline").taxonomy.name_of(label)


def test_a_workbook_that_nobody_touched_changes_nothing(workbook):
    handed = read_handback(workbook)
    assert (len(handed.corrections), handed.changed, handed.missing) == (5, 0, 0)


def test_what_the_officer_changed_comes_back_with_what_the_model_had_said(workbook):
    before = {c.text: c.labels for c in read_handback(workbook).corrections}
    handed = read_handback(edit(workbook, correct), by="王科员")
    changed = {c.text: c for c in handed.corrections if c.teaches}
    assert set(changed) == {"药品采购先用后招", "处方点评走过场", "食堂账目不公开"}
    moved = changed["药品采购先用后招"]
    assert [name_of(label) for label in moved.labels] == ["制度建设与内部管理", "采购管理"]
    assert moved.old == before["药品采购先用后招"]
    assert (moved.by, moved.model, moved.source) == ("王科员", "baseline", "findings.xlsx")
    assert not changed["处方点评走过场"].finding
    added = changed["食堂账目不公开"]
    assert added.old is None
    assert added.notice == moved.notice
    assert [c.note for c in handed.corrections if c.text.startswith("白条")] == ["金额待核"]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_workbook_saved_by_libreoffice_comes_back_the_same(workbook, tmp_path):
    edit(workbook, correct)
    (tmp_path / "saved").mkdir()
    # By way of .ods, so that every cell is read and written by LibreOffice itself.
    for source, kind, folder in (
        (workbook, "ods", tmp_path),
        (tmp_path / "findings.ods", "xlsx", tmp_path / "saved"),
    ):
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", folder, source]
        subprocess.run(command, check=True, capture_output=True)
    ours, theirs = read_handback(workbook, "a"), read_handback(tmp_path / "saved" / "findings.xlsx", "a")
    assert [(c.key, c.labels, c.finding, c.note) for c in ours.corrections] == [
        (c.key, c.labels, c.finding, c.note) for c in theirs.corrections
    ]


def test_sorted_rows_and_deleted_rows_do_no_harm(workbook):
    def shuffle(book):
        sheet = book[FINDINGS]
        rows = [[cell.value for cell in cells] for cells in sheet.iter_rows(min_row=2)]
        sheet.delete_rows(2, sheet.max_row)
        for values in sorted(rows, key=lambda values: values[6])[1:]:
            sheet.append(values)

    handed = read_handback(edit(workbook, shuffle))
    assert (len(handed.corrections), handed.changed, handed.missing) == (4, 0, 1)


def fill(text, column, value):
    def change(book):
        sheet = book[FINDINGS]
        sheet.cell(row_of(sheet, text), column).value = value

    return change


def rename(book):
    book[FINDINGS].title = "清单"


def move_column(book):
    book[FINDINGS].delete_cols(8)


def copy_row(book):
    sheet = book[FINDINGS]
    sheet.append([cell.value for cell in sheet[row_of(sheet, "白条")]])


def add_without_category(book):
    sheet = book[FINDINGS]
    sheet.cell(sheet.max_row + 1, 7, "漏了一条")


def add_without_text(book):
    sheet = book[FINDINGS]
    sheet.cell(sheet.max_row + 1, 8, "财务管理")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (fill("白条", 8, "财务管里"), r"问题清单!H\d+: unknown category '财务管里'; closest is '财务管理'"),
        (fill("白条", 9, "财务管理"), r"问题清单!I\d+: '财务管理' is given twice"),
        (fill("理论学习", 8, None), r"问题清单!H\d+: a finding needs a category"),
        (fill("白条", 11, "不是"), r"问题清单!K\d+: must be empty or 是"),
        (fill("白条", 7, "白条入账，金额5万元"), r"问题清单!G\d+: the finding's text was changed"),
        (
            lambda book: book[FINDINGS].cell(row_of(book[FINDINGS], "白条"), 7).__setattr__("value", None),
            r"问题清单!G\d+: the finding's text is missing",
        ),
        (fill("白条", 19, "abc:1:2"), r"问题清单!S\d+: 'abc:1:2' is no finding of this workbook"),
        (rename, r"has no sheet '问题清单'"),
        (move_column, r"问题清单!H1 must be '类别1' and is '类别2'"),
        (copy_row, r"问题清单!S7: the same finding as in row \d; delete the copy"),
        (add_without_category, r"问题清单!H7: a finding needs a category"),
        (add_without_text, r"问题清单!G7: the finding's text is missing"),
    ],
)
def test_a_changed_structure_is_refused_with_the_cell(workbook, change, said):
    edit(workbook, change)
    with pytest.raises(DataError, match=said) as refused:
        read_handback(workbook)
    assert "findings.xlsx" in str(refused.value)


def test_every_fault_is_named_at_once(workbook):
    edit(workbook, fill("白条", 8, "财务管里"))
    edit(workbook, fill("先用后招", 11, "对"))
    with pytest.raises(DataError, match=r"H\d+.*K\d+|K\d+.*H\d+"):
        read_handback(workbook)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", "文本".encode()])
def test_a_file_that_is_no_workbook_is_refused_by_name(tmp_path, content):
    path = tmp_path / "坏.xlsx"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"Cannot read .*坏\.xlsx.*Save it as \.xlsx"):
        read_handback(path)


def test_importing_twice_changes_nothing_and_a_later_decision_of_the_same_reviewer_counts(workbook, tmp_path):
    store = tmp_path / "labels"
    edit(workbook, correct)
    assert add_corrections(store, read_handback(workbook, "甲").corrections).new == 4
    kept = (store / "corrections.jsonl").read_bytes()
    again = add_corrections(store, read_handback(workbook, "甲").corrections)
    assert (again.new, again.known) == (0, 4)
    assert (store / "corrections.jsonl").read_bytes() == kept
    edit(workbook, fill("处方点评", 11, None))
    assert add_corrections(store, read_handback(workbook, "甲").corrections).new == 1
    # The mark was taken away again, so nothing is taught of that finding.
    assert {c.text for c in settled(read_corrections(store))} == {"药品采购先用后招", "食堂账目不公开"}
    assert (store / "corrections.jsonl").read_bytes().startswith(kept)


def test_two_reviewers_who_differ_are_a_conflict_and_neither_is_overwritten(workbook, tmp_path):
    store = tmp_path / "labels"
    other = edit(workbook, fill("白条", 8, "资产管理"), tmp_path / "乙.xlsx")
    edit(workbook, fill("白条", 8, "采购管理"))
    add_corrections(store, read_handback(workbook, "甲").corrections)
    add_corrections(store, read_handback(other, "乙").corrections)
    (conflict,) = conflicts_of(read_corrections(store))
    assert {(c.by, name_of(c.labels[0])) for c in conflict} == {("甲", "采购管理"), ("乙", "资产管理")}
    assert settled(read_corrections(store)) == []
    edit(other, fill("白条", 8, "采购管理"))
    add_corrections(store, read_handback(other, "乙").corrections)
    assert conflicts_of(read_corrections(store)) == ()
    assert [name_of(c.labels[0]) for c in settled(read_corrections(store))] == ["采购管理"]


def test_a_damaged_line_of_the_store_is_named(tmp_path):
    (tmp_path / "corrections.jsonl").write_text('{"key": "a"}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"corrections\.jsonl line 1 is damaged"):
        read_corrections(tmp_path)


def test_kept_corrections_train_a_model_with_the_corpus_or_alone(workbook, tmp_path):
    store = tmp_path / "labels"
    edit(workbook, correct)
    add_corrections(store, read_handback(workbook, "甲").corrections)
    train = ["train", "baseline", "--no-tracking", "--data", str(store)]
    alone = CliRunner().invoke(app, [*train, "--out", str(tmp_path / "alone")], catch_exceptions=False)
    assert "(3 training rows, 25 labels)" in alone.output
    corpus = len(bundled_dataset().train)
    both = CliRunner().invoke(app, [*train, "--with-corpus", "--out", str(tmp_path / "both")], catch_exceptions=False)
    assert f"({corpus + 3:,} training rows, 25 labels)" in both.output
    nothing = CliRunner().invoke(app, ["train", "baseline", "--with-corpus", "--data", str(tmp_path / "none")])
    assert "There are no corrections in" in str(nothing.exception)
