"""Extraction with a stand-in for the model, so that a failure here is a failure of the layout."""

import itertools
import re

import numpy as np
import pytest
from xuntag.data.extract import extract
from xuntag.data.read import read_notice

_REPROACH = re.compile(r"不(?!断)|未|没有|缺|无人|滞后|弱化|薄弱|差距|账实|白条|走过场|超期|混放|虚|倒置|私存|漏洞")
_KINDS = ("学习|笔记", "党", "财务|账|白条|公款", "采购", "医废|医疗废物", "资产", "处方|病历")


def judge(texts, headings):
    """Take a text with a word of reproach for a finding, and the first known subject for its label."""
    finding = np.array(
        [
            0.95 if _REPROACH.search(text) and not re.match("要|加强|已|建立|[一二]看|院党委表示", text) else 0.03
            for text in texts
        ]
    )
    primary = np.full((len(texts), len(_KINDS) + 1), 0.0001)
    for row, text in enumerate(texts):
        primary[row, next((i for i, words in enumerate(_KINDS) if re.search(words, text)), len(_KINDS))] = 0.9993
    return finding, primary


def found(text):
    notice = read_notice(text=text)
    findings, reasons = extract(notice, judge)
    for finding in findings:
        assert notice.text[finding.start : finding.end].strip() == notice.text[finding.start : finding.end]
    return notice, findings, reasons


def texts(text):
    notice, findings, _ = found(text)
    return [notice.text[f.start : f.end] for f in findings]


def test_running_prose_is_cut_at_semicolons_and_lead_ins_become_headings():
    notice, findings, _ = found(
        "巡察发现的主要问题：一是落实重大决策部署方面，存在学习不深入；药品采购程序倒置。二是组织建设方面，党费收缴不及时；白条入账，金额3万元。\n"
        "针对上述问题，巡察组提出三点要求：一是加强学习，不折不扣抓好落实；二是建立台账。"
    )
    assert [notice.text[f.start : f.end] for f in findings] == [
        "学习不深入",
        "药品采购程序倒置",
        "党费收缴不及时",
        "白条入账，金额3万元",
    ]
    assert findings[0].heading.endswith("落实重大决策部署方面")
    assert [f.number for f in findings] == ["一是", "一是", "二是", "二是"]


def test_a_comma_splits_only_two_statements_about_different_things():
    assert texts("巡察发现，主要问题是：采购程序倒置，病历书写不规范；学习不深入，笔记记录不全。") == [
        "采购程序倒置",
        "病历书写不规范",
        "学习不深入，笔记记录不全",
    ]


def test_a_numbered_item_is_one_finding_up_to_its_measures():
    notice, findings, _ = found(
        "二、反馈问题整改情况\n（一）学习方面\n1.学习不深入。2018年支委会议题二百多项，学习的一项。\n整改情况：已完成整改。\n整改措施及成效：一是建立制度，解决学习不足。\n"
        "2.白条入账。\n整改情况：正在推进。责任人：王某某。完成时限：2023年6月底。\n三、移交问题线索\n1.公款私存。\n整改情况：已办结。"
    )
    assert [notice.text[f.start : f.end] for f in findings] == [
        "学习不深入。2018年支委会议题二百多项，学习的一项",
        "白条入账",
        "公款私存",
    ]
    assert [f.number for f in findings] == ["1.", "2.", "1."]
    assert [f.status for f in findings] == ["已完成整改", "正在推进", "已办结"]
    assert findings[0].measures.endswith("解决学习不足。")
    assert (findings[1].responsible, findings[1].deadline) == ("王某某", "2023年6月底")
    assert findings[0].heading == "反馈问题整改情况 > 学习方面"


def test_a_quoted_problem_counts_only_where_nothing_stands_under_it():
    notice, findings, _ = found(
        "1.关于“学习走过场”的问题。\n①中心组学习不深入。组织读书班一期。\n②笔记缺失。已补齐。\n2.关于“账实不符”问题的整改。开展清查，盘盈3台。"
    )
    assert [notice.text[f.start : f.end] for f in findings] == ["中心组学习不深入", "笔记缺失", "账实不符"]
    assert findings[0].heading == "学习走过场"
    assert "盘盈3台" in findings[2].measures


def test_a_bare_heading_with_findings_under_it_is_none_and_alone_is_one():
    assert texts("（三）管理虚化。\n1.账实不符。\n2.医废混放。\n（四）学习不深入。") == [
        "账实不符",
        "医废混放",
        "学习不深入",
    ]


def test_a_plain_list_is_one_finding_a_line():
    assert texts("检查情况\n公章外借没有登记；用后不还\n账实不符\n党费收缴不及时，记录缺失\n医废混放") == [
        "公章外借没有登记；用后不还",
        "账实不符",
        "党费收缴不及时，记录缺失",
        "医废混放",
    ]


def test_demands_pledges_praise_and_questions_yield_nothing():
    assert (
        texts(
            "要坚持问题导向，不折不扣抓好整改。一看学习是否深入，有没有走过场。二看采购是否规范。\n院党委表示，照单全收，确保问题不反弹。\n近年来，各项工作取得明显成效。"
        )
        == []
    )


def test_a_ledger_gives_every_column_its_meaning():
    notice, findings, _ = found(
        "整改台账\n序号\t反馈问题\t整改措施\t责任人\t整改时限\t完成情况\n1\t账实不符\t盘点清查\t李某\t2023年6月\t已完成\n2\t医废混放\t培训\t赵某\t立行立改\t推进中"
    )
    first, second = findings
    assert notice.text[first.start : first.end] == "账实不符"
    assert (first.number, first.measures, first.responsible, first.deadline, first.status) == (
        "1",
        "盘点清查",
        "李某",
        "2023年6月",
        "已完成",
    )
    assert second.place


def test_fewer_than_stated_a_gap_and_a_doubtful_clause_are_said():
    _, findings, reasons = found("共发现5个问题。\n1.账实不符。\n2.白条入账。\n4.医废混放。")
    assert len(findings) == 3
    assert "文中称共有问题5个，只提取到3个" in reasons
    assert any("2." in reason and "4." in reason for reason in reasons if "编号不连续" in reason)


def test_numbers_that_run_on_across_groups_are_no_gap():
    _, _, reasons = found("（一）甲\n1.账实不符。\n2.白条入账。\n（二）乙\n3.医废混放。\n4.学习不深入。")
    assert reasons == ()


@pytest.mark.parametrize(
    "text", ["", "\n\n", "。；，", "1.\n2.\n（一）", "关于“", "\t\t\n\t", "一是二是三是", "①②③", "“" * 200]
)
def test_odd_texts_neither_fail_nor_hang(text):
    assert found(text)[1] == []


def test_findings_come_in_order_and_do_not_overlap():
    text = "（一）学习不深入。\n1.账实不符。\n整改情况：已整改。\n二、采购程序倒置；医废混放；党费不及时收缴。\n序号\t问题\n1\t白条入账\n2\t公款私存"
    _, findings, _ = found(text)
    assert len(findings) >= 5
    for before, after in itertools.pairwise(findings):
        assert before.end <= after.start
