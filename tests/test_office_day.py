"""A day in the life of an officer: three notices, a workbook, ten corrections, learn, the same notices again."""

import openpyxl
import pytest
from typer.testing import CliRunner
from xuntag.cli import app
from xuntag.data.corrections import read_corrections
from xuntag.errors import DataError

NOTICES = {
    "反馈.txt": "关于对长岭县卫生健康局巡察情况的反馈\n巡察发现的主要问题\n1.党组理论学习中心组学习走过场。\n2.营商环境优化措施落实不到位。\n"
    "3.食堂原料采购没有比价。\n4.公务用车加油卡管理混乱。\n5.固定资产长期账实不符。",
    "清单.txt": "检查发现的问题\n1.职工疗养费在工会经费中列支。\n2.消防通道堆放杂物。\n3.编外人员招聘没有公开。\n4.窗口人员态度生硬。",
    "通报.txt": "存在的主要问题\n1.支部换届超期两年。\n2.信访件办理超过时限。\n3.医疗废物交接登记缺项。\n4.门诊病历书写不规范。",
}
# What this office calls things, otherwise than the bundled corpus does.
ITS_OWN_WAY = {
    "营商环境优化措施落实不到位": "作风建设",
    "食堂原料采购没有比价": "制度建设与内部管理",
    "公务用车加油卡管理混乱": "资产管理",
    "职工疗养费在工会经费中列支": "作风建设",
    "消防通道堆放杂物": "制度建设与内部管理",
    "编外人员招聘没有公开": "采购管理",
    "窗口人员态度生硬": "医疗质量与服务",
    "信访件办理超过时限": "制度建设与内部管理",
    "门诊病历书写不规范": "制度建设与内部管理",
    "固定资产长期账实不符": "财务管理",
}


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def categories(path):
    sheet = openpyxl.load_workbook(path)["问题清单"]
    return {row[6].value: row[7].value for row in sheet.iter_rows(min_row=2) if row[6].value}


def test_corrections_made_in_the_workbook_are_what_the_next_model_answers(empty_home, tmp_path):
    notices = tmp_path / "通报"
    notices.mkdir()
    for name, text in NOTICES.items():
        (notices / name).write_text(text, encoding="utf-8")
    workbook = tmp_path / "findings.xlsx"
    assert run("tag", notices, "-o", workbook).exit_code == 0
    assert len(categories(workbook)) == 13

    book = openpyxl.load_workbook(workbook)
    corrected = 0
    for row in book["问题清单"].iter_rows(min_row=2):
        if row[6].value in ITS_OWN_WAY and row[7].value != ITS_OWN_WAY[row[6].value]:
            row[7].value, row[8].value, row[9].value = ITS_OWN_WAY[row[6].value], None, None
            corrected += 1
        elif row[6].value == "医疗废物交接登记缺项":
            row[0].value = "已核对"
    book.save(workbook)
    assert corrected >= 9

    learnt = run("learn", workbook, "--by", "李科员", "--no-tracking")
    assert learnt.exit_code == 0, learnt.output
    assert f"本单位改正 {corrected} 处、认可 1 处" in learnt.output
    assert "已启用新模型 office-" in learnt.output
    assert {c.by for c in read_corrections(empty_home / "labels")} == {"李科员"}

    again = tmp_path / "again.xlsx"
    assert run("tag", notices, "-o", again).exit_code == 0
    after = categories(again)
    assert sum(after[text] == wanted for text, wanted in ITS_OWN_WAY.items()) >= 9
    assert "office-" in run("models").output


def test_learning_from_a_workbook_without_corrections_says_so(empty_home, tmp_path):
    (tmp_path / "清单.txt").write_text(NOTICES["清单.txt"], encoding="utf-8")
    workbook = tmp_path / "findings.xlsx"
    run("tag", tmp_path / "清单.txt", "-o", workbook)
    with pytest.raises(DataError, match="no correction to learn from"):
        run("learn", workbook)


def test_a_refused_workbook_is_named_and_the_others_are_learnt_from(empty_home, tmp_path):
    (tmp_path / "清单.txt").write_text(NOTICES["清单.txt"], encoding="utf-8")
    workbook, broken = tmp_path / "findings.xlsx", tmp_path / "坏.xlsx"
    run("tag", tmp_path / "清单.txt", "-o", workbook)
    broken.write_bytes(b"PK")
    book = openpyxl.load_workbook(workbook)
    book["问题清单"]["H2"] = "其他"
    book.save(workbook)
    done = CliRunner().invoke(app, ["label", "import", str(broken), str(workbook), "--into", str(tmp_path / "labels")])
    assert done.exit_code == 1
    assert "坏.xlsx" in done.stderr
    assert "1 decisions" in done.stdout
