import pytest
from xuntag.data.read import read_notice
from xuntag.data.tables import role_of, row_candidates


def rows(text):
    notice = read_notice(text=text)
    return [(c.number, notice.text[c.start : c.end], c) for c in row_candidates(notice)]


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("序号", "number"),
        ("反馈问题", "finding"),
        ("问题表现", "finding"),
        ("整改措施", "measures"),
        ("责 任 人", "responsible"),
        ("整改时限", "deadline"),
        ("完成情况", "status"),
        ("整改情况", "progress"),
        ("整改措施及落实情况", "measures"),
        ("问题类别", "heading"),
        ("被检查单位", "heading"),
        ("怎么改", "measures"),
        ("备注", "other"),
    ],
)
def test_columns_are_recognised_by_their_wording(header, role):
    assert role_of(header) == role


def test_title_rows_totals_sections_and_repeated_headers_are_not_findings():
    table = "整改台账\t\t\t\n序号\t问题\t措施\t责任人\n一、政治建设\t\t\t\n1\t学习不深。\t补学\t王某\n序号\t问题\t措施\t责任人\n二、财务\n2\t白条入账\t清退\t李某\n合计\t2\t\t"
    found = rows(table)
    assert [(n, t) for n, t, _ in found] == [("1", "学习不深"), ("2", "白条入账")]
    assert [c.heading for *_, c in found] == ["一、政治建设", "二、财务"]
    assert found[1][2].responsible == "李某"


def test_two_row_header_and_merged_unit_cells():
    table = "单位\t检查发现\t\t整改\t\n\t方面\t具体问题\t措施\t时限\n甲院\t财务\t白条入账\t清退\t5月\n\t资产\t账实不符\t盘点\t6月\n乙院\t\t医废混放\t培训\t7月"
    found = rows(table)
    assert [t for _, t, _ in found] == ["白条入账", "账实不符", "医废混放"]
    assert [c.heading for *_, c in found] == ["甲院 > 财务", "甲院 > 资产", "乙院 > 资产"]
    assert [c.deadline for *_, c in found] == ["5月", "6月", "7月"]


def test_a_table_that_names_no_problem_holds_no_findings():
    assert rows("姓名\t职务\t电话\n王某\t组长\t123\n李某\t副组长\t456") == []
    assert rows("日期\t地点\t参加人\n5月6日\t会议室\t全体") == []


def test_a_finding_split_over_empty_and_dash_cells_is_not_invented():
    found = rows("序号\t问题\t措施\n1\t无\t—\n2\t—\t—\n3\t公章外借无登记\t收回")
    assert [t for _, t, _ in found] == ["公章外借无登记"]


def test_a_row_with_only_the_finding_keeps_its_column():
    found = rows("类别\t存在问题\n财务\t白条入账\n\t公款私存")
    assert [(t, c.heading) for _, t, c in found] == [("白条入账", "财务"), ("公款私存", "财务")]
