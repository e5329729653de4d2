"""Make a model the one that everybody uses, unless it is worse than the one in use."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..data.corpus import bundled, rows_of
from ..data.taxonomy import health
from ..errors import ModelError
from ..models.folder import describe, replace_folder
from ..models.home import champion, find_model, home, load_model, model_folder, set_champion
from . import tracking
from .evaluate import evaluate

_RUN_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Promotion:
    """What a promotion did: the model's name in the model home, the accuracies compared, the registry version moved."""

    name: str
    candidate_accuracy: float | None
    champion_accuracy: float | None
    registry_version: str | None


def promote(model: str, force: bool = False) -> Promotion:
    """Make a model the default: a folder, a name in the model home, or the id of an MLflow run.

    Candidate and champion are compared by primary accuracy on the bundled test split where both know its categories.

    Raises
    ------
    ModelError
        If there is no such model, or it is worse than the champion and ``force`` is not given.

    """
    source = tracking.run_model(model) if _RUN_ID.fullmatch(model) else find_model(model)
    current = champion()
    ours, theirs = _accuracy(source), _accuracy(current) if current else None
    if ours is not None and theirs is not None and ours < theirs and not force:
        raise ModelError(
            f"{model} is worse than the champion on the bundled test split (primary accuracy {ours:.4f} against {theirs:.4f}); "
            "nothing was changed. Give --force to promote it all the same."
        )
    about = describe(source)
    name = _install(source, str(about.get("name") or source.name), str(about.get("version") or ""))
    version = None
    if about.get("mlflow_run") and tracking.available():
        version = tracking.set_champion_alias(str(about["mlflow_run"]))
    set_champion(name)
    return Promotion(name, ours, theirs, version)


def _accuracy(folder: Path) -> float | None:
    model = load_model(folder)
    if model.labels != health().ids:
        return None
    rows = [row for annotated in bundled("test") for row in rows_of(annotated)]
    return evaluate(model, rows).primary_accuracy if rows else None


def _install(source: Path, name: str, version: str) -> str:
    """Copy a model into the model home under a name of its own, so that retraining does not change the champion."""
    kept = f"{name}-{version}" if version else name
    target = model_folder(kept)
    if source.resolve() == target.resolve():
        return kept
    (home() / "models").mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".promote-", dir=home() / "models"))
    shutil.copytree(source, fresh, dirs_exist_ok=True)
    replace_folder(fresh, target)
    return kept
