import dataclasses
import json

import numpy as np
import pytest
import xuntag
from xuntag import DataError
from xuntag.data.rows import Row
from xuntag.data.taxonomy import from_labels
from xuntag.models.decisions import Decisions
from xuntag.training.baseline import BaselineConfig, train_baseline
from xuntag.training.calibration import review_cut
from xuntag.training.dataset import Dataset, bundled_dataset, folds_by_group, load_dataset
from xuntag.training.evaluate import calibration_error, evaluate, wilson
from xuntag.training.fit import fit_baseline, save_model

WORDS = {
    "门": ["门锁坏了", "门关不上", "大门没有锁", "门把手掉了"],
    "窗": ["窗户破了", "玻璃窗裂了", "窗框松动", "窗子漏风"],
    "灯": ["灯不亮", "走廊灯坏了", "灯管闪烁", "吸顶灯脱落"],
}


def write_rows(path, extra=()):
    rows = [
        {"text": f"{text}{n}号楼", "labels": [label], "group": f"g{n}"}
        for n in range(8)
        for label, texts in WORDS.items()
        for text in texts
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in [*rows, *extra]), encoding="utf-8")
    return path


def test_any_jsonl_of_the_contract_trains_with_its_labels_in_sorted_order(tmp_path):
    data = load_dataset(write_rows(tmp_path / "rows.jsonl"))
    assert data.taxonomy.ids == tuple(sorted(WORDS))
    fitted = fit_baseline(data, name="repairs")
    save_model(fitted, tmp_path / "repairs")
    tags = xuntag.tag(["大门锁坏了", "窗户玻璃破了", "走廊里的灯不亮"], model=tmp_path / "repairs")
    assert [tag.labels for tag in tags] == [("门",), ("窗",), ("灯",)]
    # Where no row was shown that is no finding, everything is one; and without "other" a blank text has no label.
    assert tags[0].finding > 0.99
    assert xuntag.tag("", model=tmp_path / "repairs").labels == ()


def test_rows_without_a_label_are_allowed_and_predicted(tmp_path):
    none = [{"text": f"天气晴朗适合散步{n}", "labels": [], "group": f"g{n % 8}"} for n in range(40)]
    data = load_dataset(write_rows(tmp_path / "rows.jsonl", none))
    assert data.allow_none
    save_model(fit_baseline(data), tmp_path / "m")
    tags = xuntag.tag(["今天天气晴朗适合散步", "门锁坏了"], model=tmp_path / "m")
    assert [tag.labels for tag in tags] == [(), ("门",)]
    assert evaluate(train_baseline(data), [Row("天气晴朗适合散步", ())]).primary_accuracy == 1.0


def test_more_than_three_labels_are_learnt_where_the_data_has_them(tmp_path):
    many = [
        {"text": f"门窗灯全坏了还漏水{n}", "labels": ["门", "窗", "灯", "水"], "group": f"g{n % 8}"} for n in range(40)
    ]
    data = load_dataset(write_rows(tmp_path / "rows.jsonl", many))
    assert data.max_labels == 4
    save_model(fit_baseline(data), tmp_path / "m")
    assert set(xuntag.tag("门窗灯全坏了还漏水", model=tmp_path / "m").labels) == {"门", "窗", "灯", "水"}


def test_a_label_of_a_given_taxonomy_that_has_no_row_is_never_given(tmp_path):
    taxonomy = tmp_path / "t.yaml"
    taxonomy.write_text(
        "categories:\n" + "".join(f"- {{id: {i}, name: {n}}}\n" for i, n in [("d", "门"), ("w", "窗"), ("x", "无")]),
        encoding="utf-8",
    )
    from xuntag.data.taxonomy import load_taxonomy

    path = tmp_path / "rows.jsonl"
    path.write_text(
        "\n".join(
            json.dumps({"text": t, "labels": [k]}, ensure_ascii=False) for k, t in [("d", "门坏"), ("w", "窗坏")] * 10
        ),
        encoding="utf-8",
    )
    model = train_baseline(load_dataset(path, load_taxonomy(taxonomy)))
    judged = model.judge(["门坏", "窗坏"])
    assert judged.scores[:, 2].max() < judged.scores.max(axis=1).min()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('{"text": "a", "labels": []}', "names no label"),
        ('{"text": "a", "labels": ["x"], "split": "test"}', "no training row"),
        (
            '{"text": "a", "labels": ["x"], "group": "g", "split": "test"}\n{"text": "b", "labels": ["x"], "group": "g"}',
            "may not cross splits",
        ),
    ],
)
def test_data_that_cannot_be_learnt_from_is_refused(tmp_path, rows, message):
    path = tmp_path / "rows.jsonl"
    path.write_text(rows, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        load_dataset(path)


def test_training_twice_gives_the_same_model(tmp_path):
    data = load_dataset(write_rows(tmp_path / "rows.jsonl"))
    one, two = train_baseline(data), train_baseline(data)
    np.testing.assert_array_equal(one.linear.coef, two.linear.coef)
    assert one.decisions == two.decisions


def test_folds_keep_groups_together_and_cover_everything_once():
    rows = [Row(str(i), ("a",), group=f"g{i % 7}" if i < 50 else "") for i in range(80)]
    folds = folds_by_group(rows, 5, 1)
    assert sorted(i for _, left in folds for i in left) == list(range(80))
    for kept, left in folds:
        assert not {rows[i].group for i in kept if rows[i].group} & {rows[i].group for i in left}


def test_review_cut_is_where_the_clopper_pearson_bound_reaches_the_promise():
    from scipy.stats import beta

    confidence = np.linspace(1, 0, 200)
    right = np.arange(200) < 120
    cut, kept = review_cut(confidence, right, 0.95)
    hits = int(right[:kept].sum())
    assert beta.ppf(0.1, hits, kept - hits + 1) >= 0.95
    assert beta.ppf(0.1, 120, kept + 1 - 120 + 1) < 0.95
    assert cut == confidence[kept - 1]
    assert review_cut(confidence, np.zeros(200, bool), 0.95) == (1.1, 0)
    # Ten right answers do not prove 95 %.
    assert review_cut(confidence[:10], np.ones(10, bool), 0.95)[1] == 0


def test_decisions_choose_by_threshold_and_never_leave_a_text_without_a_primary():
    scores = np.array([[0.2, 0.1, 0.05], [0.9, 0.6, 0.7], [0.4, 0.55, 0.1]])
    primary = scores / scores.sum(axis=1, keepdims=True)
    rule = Decisions((0.5, 0.65, 0.65))
    assert rule.choose(scores, primary) == [(0,), (0, 2), (1,)]
    assert dataclasses.replace(rule, allow_none=True).choose(scores, primary) == [(), (0, 2), ()]
    assert dataclasses.replace(rule, max_labels=1).choose(scores, primary) == [(0,), (0,), (1,)]


def test_the_first_label_is_the_likeliest_primary_and_not_the_likeliest_label():
    scores, primary = np.array([[0.9, 0.8, 0.1]]), np.array([[0.3, 0.6, 0.1]])
    rule = Decisions((0.5, 0.5, 0.5), review_below=0.7)
    assert rule.choose(scores, primary) == [(1, 0)]
    assert rule.confidence(scores, primary) == pytest.approx([0.6])
    assert rule.confidence(scores, primary, np.array([0.5])) == pytest.approx([0.3])


def test_which_of_two_labels_comes_first_is_learnt_from_their_order(tmp_path):
    places, things = ["东楼", "西楼", "南院", "北院", "门诊", "病房"], ["门坏灯暗", "灯暗门坏"]
    rows = [
        {"text": f"{place}{thing}", "labels": ["门", "灯"] if thing.startswith("门") else ["灯", "门"]}
        for place in places
        for thing in things
    ]
    rows += [
        {"text": f"{place}{word}", "labels": [label]}
        for place in places
        for word, label in (("门坏", "门"), ("灯暗", "灯"))
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    model = train_baseline(load_dataset(path))
    judged = model.judge(["后院门坏灯暗", "后院灯暗门坏"])
    first = [model.labels[k] for k in judged.primary.argmax(axis=1)]
    assert first == ["门", "灯"]
    np.testing.assert_allclose(judged.primary.sum(axis=1), 1)


def test_interval_and_calibration_error():
    assert wilson(90, 100) == pytest.approx((0.8256, 0.9448), abs=1e-3)
    assert wilson(0, 0) == (0.0, 1.0)
    confidence = np.repeat(0.8, 300)
    assert calibration_error(confidence, np.arange(300) % 5 != 0) == pytest.approx(0, abs=0.02)
    assert calibration_error(confidence, np.zeros(300, bool)) == pytest.approx(0.8)


@pytest.mark.slow
def test_heading_settings_and_promise_are_kept_in_the_folder(tmp_path):
    data = bundled_dataset()
    fitted = fit_baseline(data, BaselineConfig(use_heading=False, promise=0.8))
    assert fitted.model.heading.words == ()
    save_model(fitted, tmp_path / "m")
    about = json.loads((tmp_path / "m" / "xuntag.json").read_text(encoding="utf-8"))
    assert about["decisions"]["promise"] == 0.8
    assert about["config"]["use_heading"] is False
    one, two = xuntag.tag(["记录不全", "记录不全"], [None, "医疗废物"], model=tmp_path / "m")
    assert one == two


def test_rows_of_a_single_notice_train_and_a_single_row_is_refused():
    rows = [
        Row(text, (label,), group="一份通报")
        for text, label in (("账实不符", "asset"), ("白条入账", "finance"), ("设备闲置", "asset"))
    ]
    data = Dataset(rows, [], [], from_labels(["asset", "finance"]), "one notice", "", False, 3)
    assert train_baseline(data).judge(["资产账实不符"]).primary.argmax() == 0
    with pytest.raises(DataError, match="at least two rows"):
        train_baseline(dataclasses.replace(data, train=rows[:1]))
