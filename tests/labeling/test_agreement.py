import json

import openpyxl
import pytest
from typer.testing import CliRunner
from xuntag.cli import app
from xuntag.errors import DataError
from xuntag.labeling.agreement import agreement


def test_agreement_is_that_of_the_textbook():
    # Cohen's own form of example: two raters, 20 of 50 and 15 of 50 in the cells that agree.
    cells = {("a", "a"): 20, ("a", "b"): 5, ("b", "a"): 10, ("b", "b"): 15}
    first, second = {}, {}
    for (one, other), count in cells.items():
        for number in range(count):
            first[f"{one}{other}{number}"], second[f"{one}{other}{number}"] = (one,), (other,)
    result = agreement(first, second)
    assert (result.n, result.primary) == (50, 0.7)
    assert result.kappa == pytest.approx(0.4)
    assert len(result.disagreements) == 15
    assert {label.label: round(label.primary, 3) for label in result.labels} == {"a": 0.571, "b": 0.5}


def test_a_further_label_counts_for_the_set_and_not_for_the_primary():
    result = agreement({"1": ("a", "b"), "2": ("a",), "3": ()}, {"1": ("a",), "2": ("a",), "3": (), "4": ("b",)})
    assert (result.n, result.primary, round(result.exact, 3), result.disagreements) == (3, 1.0, 0.667, ("1",))


def test_readings_of_other_findings_are_refused():
    with pytest.raises(DataError, match="no finding in common"):
        agreement({"1": ("a",)}, {"2": ("a",)})


def test_the_command_prints_agreement_and_writes_what_is_to_be_resolved(tmp_path):
    texts = [("账实不符", "asset"), ("白条入账", "finance"), ("三会一课不落实", "party_building")]
    for name, changed in (("a", {}), ("b", {"白条入账": "asset"})):
        rows = [{"text": text, "labels": [changed.get(text, label)], "group": "g"} for text, label in texts]
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    out = tmp_path / "不同.xlsx"
    done = CliRunner().invoke(
        app, ["label", "agreement", str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"), "-o", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert "n 3, primary 0.667" in done.output
    assert "1 to resolve" in done.output
    sheet = openpyxl.load_workbook(out)["两读不同"]
    assert [cell.value for cell in sheet[2]][:4] == [1, "白条入账", "财务管理", "资产管理"]
    assert sheet.max_row == 2

    command = ["label", "agreement", str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"), "--resolved", str(out)]
    both = tmp_path / "both.jsonl"
    undecided = CliRunner().invoke(app, [*command, "-o", str(both)])
    assert "2 rows, 1 not decided" in undecided.output
    decide(out, "F2", "财务管里")
    assert "F2: unknown category '财务管里'; closest is '财务管理'" in str(
        CliRunner().invoke(app, [*command, "-o", str(both)]).exception
    )
    decide(out, "F2", None)
    decide(out, "E2", "采购管理")
    assert CliRunner().invoke(app, [*command, "-o", str(both)]).exit_code == 0
    read = [json.loads(line) for line in both.read_text(encoding="utf-8").splitlines()]
    assert [row["labels"] for row in read] == [["asset"], ["procurement"], ["party_building"]]


def decide(path, cell, value):
    book = openpyxl.load_workbook(path)
    book["两读不同"][cell].value = value
    book.save(path)


def test_a_text_labelled_twice_in_one_reading_is_refused(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"text": "账实不符", "labels": ["asset"]}\n{"text": "账实不符", "labels": ["finance"]}\n', encoding="utf-8"
    )
    done = CliRunner().invoke(app, ["label", "agreement", str(path), str(path)])
    assert isinstance(done.exception, DataError)
    assert "twice" in str(done.exception)
