"""Another department starts a model of its own: its categories, 255 labelled findings of ten schools, one notice."""

from pathlib import Path

import pytest
import xuntag
from typer.testing import CliRunner
from xuntag.cli import app
from xuntag.data.rows import read_rows
from xuntag.data.taxonomy import load_taxonomy
from xuntag.training.dataset import load_dataset
from xuntag.training.evaluate import evaluate
from xuntag.training.fit import fit_baseline

EDUCATION = Path(__file__).parent / "education"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "education"
    command = ["train", "baseline", "--data", EDUCATION / "findings.jsonl", "--taxonomy", EDUCATION / "education.yaml"]
    done = CliRunner().invoke(app, [*map(str, command), "--out", str(folder), "--no-tracking"], catch_exceptions=False)
    assert "255 training rows, 8 labels" in done.output
    return folder


def test_findings_of_schools_that_it_has_not_seen_get_its_categories():
    taxonomy = load_taxonomy(EDUCATION / "education.yaml")
    rows = read_rows(EDUCATION / "findings.jsonl", taxonomy.ids)
    unseen = [row for row in rows if row.group in ("school09", "school10")]
    data = load_dataset(EDUCATION / "findings.jsonl", taxonomy)
    data.train[:] = [row for row in rows if row not in unseen]
    # Two hundred rows are a start: twice as good as the most frequent category, and every further school helps.
    most_frequent = max(sum(row.labels[0] == label for row in unseen) for label in taxonomy.ids) / len(unseen)
    assert evaluate(fit_baseline(data).model, unseen).primary_accuracy > 2 * most_frequent


def test_a_notice_gives_its_findings_although_the_training_data_held_nothing_else(model):
    tagged = xuntag.tag_notice(EDUCATION / "notice.txt", model=model)
    assert len(tagged.findings) == 18
    assert {label for finding in tagged.findings for label in finding.labels} <= set(
        load_taxonomy(EDUCATION / "education.yaml").ids
    )
    # Whose words state a finding was learnt from health notices: praise, demands and the pledge stay out here as well.
    assert not [f for f in tagged.findings if "意见建议" in f.text or "排球" in f.text or "认领" in f.text]


def test_single_texts_are_tagged(model):
    labels = [
        tag.labels[0]
        for tag in xuntag.tag(["食堂食材没有索证索票", "教师在校外有偿补课", "灭火器过期未换"], model=model)
    ]
    assert labels == ["canteen", "teacher_conduct", "campus_safety"]
