"""Exchange findings with Label Studio: tasks with the model's answers out, people's annotations back.

Label Studio (https://labelstud.io) is a server on which several people label side by side. A project takes the labelling
configuration and imports the tasks; its JSON export comes back as corrections.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ..data.corrections import Correction
from ..data.rows import closest
from ..data.taxonomy import Taxonomy
from ..errors import DataError
from ..serving.batch import Result, findings_of
from ..serving.workbook import finding_key

# The controls of the labelling configuration. The main category and the further ones are asked for separately, because Label
# Studio does not keep the order of several choices.
_PRIMARY, _FURTHER, _NO_FINDING = "primary", "further", "no_finding"
_YES = "yes"


def labelling_configuration(taxonomy: Taxonomy) -> str:
    """Return the project's labelling configuration (XML): the text, its heading, a main category, further ones, "no finding"."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Header", value="$heading")
    ElementTree.SubElement(view, "Text", name="text", value="$text")
    for name, title, choice, required in (
        (_PRIMARY, "主要类别", "single", "false"),
        (_FURTHER, "其他类别", "multiple", "false"),
    ):
        ElementTree.SubElement(view, "Header", value=title, size="5")
        choices = ElementTree.SubElement(
            view, "Choices", name=name, toName="text", choice=choice, required=required, showInline="true"
        )
        for category in taxonomy.categories:
            ElementTree.SubElement(
                choices, "Choice", value=category.id, alias=category.id, html=category.name, hint=category.definition
            )
    ElementTree.SubElement(view, "Header", value="这一条其实不是问题", size="5")
    no_finding = ElementTree.SubElement(
        view, "Choices", name=_NO_FINDING, toName="text", choice="multiple", showInline="true"
    )
    ElementTree.SubElement(no_finding, "Choice", value=_YES, alias=_YES, html="不是问题")
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode")


def tasks_of(results: Sequence[Result], model: str, taxonomy: Taxonomy) -> list[dict[str, Any]]:
    """Return a task for each finding of ``results``, with the model's answer as its prediction and the categories to choose from."""
    tasks = []
    for item in findings_of(results):
        finding = item.finding
        chosen = {_PRIMARY: list(finding.labels[:1]), _FURTHER: list(finding.labels[1:])}
        tasks.append(
            {
                "data": {
                    "text": finding.text,
                    "heading": finding.heading or item.file,
                    "section": finding.heading,
                    "file": item.file,
                    "key": finding_key(item),
                    "labels": list(finding.labels),
                    "model": model,
                    "categories": list(taxonomy.ids),
                },
                "predictions": [
                    {
                        "model_version": model,
                        "score": round(max(finding.scores.values()), 4),
                        "result": [
                            {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": labels}}
                            for name, labels in chosen.items()
                            if labels
                        ],
                    }
                ],
            }
        )
    return tasks


def read_export(path: Path) -> list[Correction]:
    """Read Label Studio's JSON export of such a project: the annotations of every person on every task.

    Skipped annotations are left out. An annotation is a decision even where it agrees with the model.

    Raises
    ------
    DataError
        If the file is no such export, a task was not made by xuntag, or a category is unknown; the task is named.

    """
    try:
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as exc:
        raise DataError(f"Cannot read {path}: {exc}. Export the Label Studio project as JSON and import that.") from exc
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise DataError(f"{path} is no Label Studio export: expected a list of tasks. Export the project as JSON.")
    return [correction for task in tasks for correction in _of_task(path, task)]


def _of_task(path: Path, task: Mapping[str, Any]) -> Iterator[Correction]:
    where = f"{path}, task {task.get('id')}"
    data = task.get("data")
    if not isinstance(data, dict) or not {"text", "key", "labels", "categories"} <= data.keys():
        raise DataError(
            f"{where} was not made by `xuntag label tasks`: its data lacks text, key, labels or categories."
        )
    if not isinstance(task.get("annotations"), list):
        raise DataError(f"{where} has no annotations; export the project as JSON, not as JSON-MIN.")
    for annotation in task["annotations"]:
        if annotation.get("was_cancelled"):
            continue
        chosen = _choices(where, annotation, data["categories"])
        finding = not chosen.get(_NO_FINDING)
        primary, further = chosen.get(_PRIMARY, []), chosen.get(_FURTHER, [])
        if finding and further and not primary:
            raise DataError(
                f"{where}: further categories are given and no main one; give it in Label Studio and export again."
            )
        yield Correction(
            str(data["key"]),
            str(data["text"]),
            tuple(dict.fromkeys([*primary, *further])) if finding else (),
            finding,
            tuple(data["labels"]),
            str(data.get("section") or ""),
            str(data["key"]).split(":")[0],
            "",
            _who(annotation.get("completed_by")),
            str(annotation.get("updated_at") or annotation.get("created_at") or ""),
            str(data.get("model") or ""),
            path.name,
            confirmed=True,
        )


def _choices(where: str, annotation: Mapping[str, Any], known: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for result in annotation.get("result") or []:
        name, labels = result.get("from_name"), (result.get("value") or {}).get("choices") or []
        for label in labels:
            if name in (_PRIMARY, _FURTHER) and label not in known:
                raise DataError(f"{where}: label {label!r} is none of the task's categories{closest(label, known)}")
        found[str(name)] = list(labels)
    return found


def _who(completed_by: object) -> str:
    if isinstance(completed_by, dict):
        return str(completed_by.get("email") or completed_by.get("id"))
    return f"Label Studio user {completed_by}"
