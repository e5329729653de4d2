import dataclasses

import numpy as np
import pytest
from xuntag.data.corpus import bundled
from xuntag.models.home import load_model
from xuntag.serving.api import resolve_model
from xuntag.training.extraction import evaluate_extraction, extract_all, pair_texts, promise_on_extracted


@pytest.fixture(scope="module")
def model():
    return load_model(resolve_model("baseline"))


def test_each_found_text_is_paired_once_with_the_most_similar_gold_text():
    gold = ["固定资产账实不符，报废不及时", "固定资产账实不符", "食堂未招标"]
    found = ["固定资产账实不符", "党费收缴不及时", "固定资产账实不符，报废不及时。"]
    assert pair_texts(gold, found, 0.6) == {0: 2, 1: 0}
    assert pair_texts(["完全无关的句子"], ["另一件事情"], 0.6) == {}


def test_scores_are_one_only_where_everything_is_found_and_right(model):
    speech = [annotated for annotated in bundled("test") if not annotated.findings]
    notice = next(annotated for annotated in bundled("test") if len(annotated.findings) > 20)
    scores = evaluate_extraction(model, [notice])
    assert 0.8 < scores.end_to_end_f1 <= scores.f1 <= 1
    assert scores.boundary_f1 <= scores.f1
    nothing_wanted = dataclasses.replace(notice, findings=())
    assert evaluate_extraction(model, [nothing_wanted]).precision == 0
    assert evaluate_extraction(model, speech).f1 == 0


def test_the_promise_is_fitted_on_extracted_findings_where_a_spurious_one_is_an_error(model):
    dev = bundled("dev")
    decisions = promise_on_extracted(model, dev)
    assert decisions == model.decisions
    result = extract_all(model, dev)
    kept = result.confidence >= decisions.review_below
    assert kept.sum() == decisions.promised_on[1]
    assert result.is_right[kept].mean() >= decisions.promise
    # The same findings with half of their marks taken away: what was right is spurious now, and hardly any is let through.
    halved = [dataclasses.replace(a, findings=a.findings[::2]) for a in dev]
    assert np.mean(extract_all(model, halved).is_right) < 0.6
    assert promise_on_extracted(model, halved).promised_on[1] < decisions.promised_on[1] / 2
