import json
from xml.etree import ElementTree

import pytest
import xuntag
from typer.testing import CliRunner
from xuntag.cli import app
from xuntag.data.corrections import read_corrections, settled
from xuntag.data.taxonomy import health
from xuntag.errors import DataError
from xuntag.labeling.label_studio import labelling_configuration, read_export, tasks_of
from xuntag.serving.batch import find_inputs, tag_files


@pytest.fixture
def tasks(tmp_path):
    notice = tmp_path / "清单.txt"
    notice.write_text(
        "检查发现的问题\n1.药品采购先用后招。\n2.理论学习不深入。\n3.固定资产账实不符。", encoding="utf-8"
    )
    return tasks_of(list(tag_files(find_inputs([str(notice)]), xuntag.load_tagger("baseline"))), "baseline", health())


def annotated(task, number, primary=(), further=(), no_finding=False, **more):
    chosen = {"primary": primary, "further": further, "no_finding": ["yes"] if no_finding else ()}
    result = [
        {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": list(labels)}}
        for name, labels in chosen.items()
        if labels
    ]
    annotation = {
        "result": result,
        "completed_by": {"id": 7, "email": "wang@example.org"},
        "created_at": "2026-01-02T03:04:05Z",
    }
    return {**task, "id": number, "annotations": [annotation | more]}


def exported(tmp_path, *tasks):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(tasks, ensure_ascii=False), encoding="utf-8")
    return path


def test_the_configuration_offers_every_category_by_its_chinese_name():
    view = ElementTree.fromstring(labelling_configuration(health()))
    primary = next(choices for choices in view.iter("Choices") if choices.get("name") == "primary")
    assert [choice.get("value") for choice in primary] == list(health().ids)
    assert primary[0].get("html") == "理论学习"
    assert primary.get("choice") == "single"


def test_tasks_carry_the_models_answer_and_annotations_come_back_as_decisions(tasks, tmp_path):
    assert [task["predictions"][0]["result"][0]["value"]["choices"] for task in tasks] == [
        task["data"]["labels"][:1] for task in tasks
    ]
    export = exported(
        tmp_path,
        annotated(tasks[0], 1, ["internal_control"], ["procurement"]),
        annotated(tasks[1], 2, tasks[1]["data"]["labels"]),
        annotated(tasks[2], 3, no_finding=True),
        annotated(tasks[2], 3, ["asset"], was_cancelled=True),
    )
    first, same, none = read_export(export)
    assert (first.labels, first.old, first.by) == (
        ("internal_control", "procurement"),
        ("procurement",),
        "wang@example.org",
    )
    assert same.labels == same.old
    assert same.teaches
    assert (none.labels, none.finding) == ((), False)
    done = CliRunner().invoke(app, ["label", "import", str(export), "--into", str(tmp_path / "labels")])
    assert "3 decisions by wang@example.org (3 new, 0 known)" in done.output
    assert len(settled(read_corrections(tmp_path / "labels"))) == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda task: annotated(task, 5, ["finances"]),
            "task 5: label 'finances' is none of the task's categories; closest is 'finance'",
        ),
        (lambda task: annotated(task, 5, [], ["finance"]), "task 5: further categories are given and no main one"),
        (
            lambda task: {**annotated(task, 5, ["finance"]), "data": {"text": "x"}},
            "task 5 was not made by `xuntag label tasks`",
        ),
        (
            lambda task: {"id": 5, "data": task["data"], "primary": "finance"},
            "task 5 has no annotations; export the project as JSON",
        ),
    ],
)
def test_an_export_that_cannot_be_taken_is_refused_with_its_task(tasks, tmp_path, change, said):
    with pytest.raises(DataError, match=said):
        read_export(exported(tmp_path, change(tasks[0])))


def test_the_command_writes_what_a_project_needs(tmp_path):
    (tmp_path / "清单.txt").write_text("检查发现的问题\n1.药品采购先用后招。", encoding="utf-8")
    out = tmp_path / "project"
    done = CliRunner().invoke(app, ["label", "tasks", str(tmp_path / "清单.txt"), "-o", str(out), "-m", "baseline"])
    assert done.exit_code == 0, done.output
    assert len(json.loads((out / "tasks.json").read_text(encoding="utf-8"))) == 1
    assert ElementTree.parse(out / "config.xml").getroot().tag == "View"


def test_another_departments_project_comes_back_by_its_own_categories(tasks, tmp_path):
    task = {**tasks[0], "data": {**tasks[0]["data"], "categories": ["canteen", "other"]}}
    (canteen,) = read_export(exported(tmp_path, annotated(task, 1, ["canteen"])))
    assert canteen.labels == ("canteen",)
    with pytest.raises(DataError, match="label 'finance' is none of the task's categories"):
        read_export(exported(tmp_path, annotated(task, 2, ["finance"])))
