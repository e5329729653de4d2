from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import xuntag

TEXTS = ["医废暂存间未上锁，交接登记缺项", "固定资产账实不符", "支部三年没有换届", "药品采购先用后招"]


def test_one_text_gives_one_tag_and_a_list_gives_a_list_in_order():
    one = xuntag.tag(TEXTS[0])
    many = xuntag.tag(TEXTS)
    assert one.labels[0] == "medical_waste"
    assert [tag.labels[0] for tag in many] == ["medical_waste", "asset", "party_building", "procurement"]
    assert many[0] == one


def test_scores_name_every_category_with_a_probability():
    tag = xuntag.tag(TEXTS[1])
    assert list(tag.scores) == list(xuntag.load_tagger().taxonomy.ids)
    assert all(0 <= score <= 1 for score in tag.scores.values())
    assert tag.labels[0] == max(tag.scores, key=tag.scores.get)
    assert 0 <= tag.finding <= 1


def test_a_finding_is_told_from_a_demand():
    finding, demand = xuntag.tag(["医疗废物管理不规范，交接登记缺项", "要切实加强组织领导，坚决扛起整改政治责任"])
    assert finding.finding > 0.8
    assert demand.finding < 0.3


@pytest.mark.parametrize("blank", ["", "  \n", "……", "—— 、"])
def test_a_blank_text_is_other_and_asks_for_review(blank):
    tag = xuntag.tag(blank)
    assert tag.labels == ("other",)
    assert tag.needs_review


def test_the_answer_does_not_depend_on_the_company_of_other_texts():
    alone = [xuntag.tag(text) for text in TEXTS]
    for other in (["", *TEXTS], TEXTS[::-1]):
        together = dict(zip(other, xuntag.tag(other), strict=True))
        for text, tag in zip(TEXTS, alone, strict=True):
            assert together[text].labels == tag.labels
            assert together[text].scores == pytest.approx(tag.scores, abs=1e-6)


def test_full_width_and_traditional_text_get_the_same_tag():
    assert (
        xuntag.tag("２０２３年固定資產賬實不符，設備閒置無人過問").labels
        == xuntag.tag("2023年固定资产账实不符，设备闲置无人过问").labels
    )


@pytest.mark.parametrize(("bad", "message"), [(None, "NoneType"), (3.5, r"texts\[1\] is 3\.5"), (b"x", r"texts\[1\]")])
def test_something_else_than_text_is_named_by_its_position(bad, message):
    with pytest.raises(TypeError, match=message):
        xuntag.tag(["账实不符", bad])


def test_wrong_shapes_are_refused():
    with pytest.raises(TypeError, match="bytes"):
        xuntag.tag(b"abc")
    with pytest.raises(TypeError, match="got NoneType"):
        xuntag.tag(None)
    with pytest.raises(ValueError, match="2 entries for 1 texts"):
        xuntag.tag(["账实不符"], ["a", "b"])
    with pytest.raises(TypeError, match="one str"):
        xuntag.tag(["账实不符"], "资产")
    with pytest.raises(TypeError, match=r"write tagger\.tag\(\[text\]\)"):
        xuntag.load_tagger().tag("账实不符")


def test_columns_of_pandas_and_numpy_are_lists():
    expected = [tag.labels for tag in xuntag.tag(TEXTS)]
    assert [tag.labels for tag in xuntag.tag(pd.Series(TEXTS))] == expected
    assert [tag.labels for tag in xuntag.tag(np.array(TEXTS))] == expected
    assert xuntag.tag([]) == []


def test_a_heading_helps_where_the_text_says_little():
    bare, headed = xuntag.tag(["记录不全", "记录不全"], [None, "医疗废物管理方面"])
    assert headed.scores["medical_waste"] > bare.scores["medical_waste"]


def test_threads_share_a_tagger():
    tagger = xuntag.load_tagger()
    expected = tagger.tag(TEXTS)
    with ThreadPoolExecutor(8) as pool:
        for answer in pool.map(lambda _: tagger.tag(TEXTS), range(40)):
            assert answer == expected


def test_loading_twice_gives_the_same_tagger_and_retraining_a_new_one(tmp_path):
    from xuntag.training.fit import fit_baseline, save_model

    assert xuntag.load_tagger() is xuntag.load_tagger()
    folder = tmp_path / "m"
    fitted = fit_baseline()
    save_model(fitted, folder)
    first = xuntag.load_tagger(folder)
    save_model(fitted, folder)
    assert xuntag.load_tagger(folder) is not first


def test_tag_notice_gives_offsets_labels_and_reasons(tmp_path):
    path = tmp_path / "反馈.txt"
    path.write_text(
        "县委第二巡察组向县中医院党支部反馈巡察情况\n巡察发现的主要问题：一是政治建设方面，存在理论学习不深入、不系统；意识形态责任制落实不力。"
        "二是管理方面，存在固定资产账实不符；医疗废物交接登记缺项。\n巡察组要求，要坚决扛起整改责任，建立台账，限期整改。",
        encoding="gb18030",
    )
    result = xuntag.tag_notice(path)
    assert [finding.labels[0] for finding in result.findings] == ["theory_study", "ideology", "asset", "medical_waste"]
    for finding in result.findings:
        assert result.notice.text[finding.start : finding.end] == finding.text
    assert [finding.index for finding in result.findings] == [1, 2, 3, 4]
    assert result.notice.organisation == "县中医院"
    same = xuntag.tag_notice(data=path.read_bytes(), filename="反馈.txt")
    assert [f.text for f in same.findings] == [f.text for f in result.findings]
    assert [f.text for f in xuntag.tag_notice(text=result.notice.text).findings] == [f.text for f in result.findings]
