"""Everything that touches MLflow: record a run, register its model, move the champion, fetch a model.

The only module that imports mlflow. Texts of notices go nowhere near it: parameters are numbers and names, the input
example comes from the bundled taxonomy.
"""

from __future__ import annotations

import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import MissingExtraError, ModelError
from ..models.folder import DESCRIPTION
from ..models.home import CHAMPION, home
from .fit import Fitted, save_model
from .pictures import confusion_picture, label_picture

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

REGISTERED = "xuntag"
EXPERIMENT = "xuntag"
_FOLDER = "folder"


def available() -> bool:
    """Tell whether MLflow is installed."""
    from importlib.util import find_spec

    return find_spec("mlflow") is not None


def tracking_uri() -> str:
    """Return ``MLFLOW_TRACKING_URI`` where set, else a SQLite file beside the models."""
    given = os.environ.get("MLFLOW_TRACKING_URI")
    if given:
        return given
    home().mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{home() / 'mlflow.db'}"


@contextmanager
def _mlflow() -> Iterator[Any]:
    """Import mlflow, point it at the tracking store, and keep its chatter out of the user's sight."""
    try:
        for name, value in (("MLFLOW_DISABLE_TELEMETRY", "true"), ("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")):
            os.environ.setdefault(name, value)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import mlflow
    except ImportError as exc:
        raise MissingExtraError("MLflow is not installed. Run `pip install 'xuntag[train]'`.") from exc
    # The first use of a SQLite store prints a page of schema migrations.
    for name in ("mlflow", "alembic", "alembic.runtime.migration"):
        logging.getLogger(name).setLevel(logging.ERROR)
    before = os.environ.get("MLFLOW_TRACKING_URI")
    mlflow.set_tracking_uri(tracking_uri())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield mlflow
    finally:
        # MLflow writes the address it is given into the environment, where it would pass for the user's wish.
        mlflow.set_tracking_uri(before)  # type: ignore[arg-type]  # None resets it


def record(fitted: Fitted, folder: Path) -> str:
    """Record a training run with its model, save the model to ``folder``, and register it; return the run's id.

    Recorded are the parameters, the hashes of corpus and taxonomy, metrics overall, by group and by category, pictures of the
    confusion matrix and of precision and recall, and the model as a pyfunc with signature and input example.
    """
    # A server knows where its artifacts go; beside a local file they would land in the working directory.
    beside = None if os.environ.get("MLFLOW_TRACKING_URI") else (home() / "mlartifacts").absolute().as_uri()
    with _mlflow() as mlflow:
        if mlflow.get_experiment_by_name(EXPERIMENT) is None:
            mlflow.create_experiment(EXPERIMENT, artifact_location=beside)
        mlflow.set_experiment(EXPERIMENT)
        with mlflow.start_run(run_name=fitted.model.name) as run:
            _log_numbers(mlflow, fitted)
            save_model(fitted, folder, run.info.run_id)
            _log_model(mlflow, fitted, folder)
            return str(run.info.run_id)


def _log_numbers(mlflow: Any, fitted: Fitted) -> None:
    about = fitted.about()
    mlflow.log_params(
        {"kind": fitted.model.kind, **asdict(fitted.config), **{f"rows_{k}": n for k, n in about["rows"].items()}}
    )
    mlflow.set_tags({key: about[key] for key in ("corpus_sha256", "taxonomy_sha256", "version", "xuntag")})
    for split, evaluation in (("dev", fitted.dev), ("test", fitted.test)):
        if evaluation is None:
            continue
        metrics = {
            f"{split}_{key}": value for key, value in evaluation.summary().items() if isinstance(value, int | float)
        }
        metrics |= {f"{split}_group_{group}_primary_accuracy": share for group, share in evaluation.groups.items()}
        for score in evaluation.labels:
            metrics |= {
                f"{split}_label_{score.label}_precision": score.precision,
                f"{split}_label_{score.label}_recall": score.recall,
                f"{split}_label_{score.label}_f1": score.f1,
            }
        mlflow.log_metrics({_metric_name(key): value for key, value in metrics.items()})
        mlflow.log_figure(confusion_picture(evaluation), f"{split}_confusion.png")
        mlflow.log_figure(label_picture(evaluation), f"{split}_precision_recall.png")
        mlflow.log_dict(
            {"summary": evaluation.summary(), "labels": [asdict(s) for s in evaluation.labels]},
            f"{split}_evaluation.json",
        )


def _metric_name(name: str) -> str:
    """Return ``name`` with what MLflow does not allow in a metric (Chinese label ids may stay) replaced."""
    return "".join(c if c.isalnum() or c in "_-. /" else "_" for c in name)


def _log_model(mlflow: Any, fitted: Fitted, folder: Path) -> None:
    import pandas as pd
    from mlflow.models import ModelSignature
    from mlflow.types.schema import Array, ColSpec, DataType, Map, Schema

    from .. import __version__

    signature = ModelSignature(
        inputs=Schema([ColSpec(DataType.string, "text"), ColSpec(DataType.string, "heading", required=False)]),
        outputs=Schema(
            [
                ColSpec(Array(DataType.string), "labels"),
                ColSpec(Map(DataType.double), "scores"),
                ColSpec(DataType.double, "finding"),
                ColSpec(DataType.boolean, "needs_review"),
            ]
        ),
    )
    example = next(
        (c.examples[0] for c in fitted.model.taxonomy.categories if c.examples),
        fitted.model.taxonomy.categories[0].name,
    )
    logged = mlflow.pyfunc.log_model(
        name="model",
        python_model=str(Path(__file__).with_name("pyfunc.py")),
        artifacts={_FOLDER: str(folder)},
        signature=signature,
        input_example=pd.DataFrame({"text": [example], "heading": [""]}),
        pip_requirements=[f"xuntag[train]=={__version__}"],
    )
    # Through the client, because mlflow.register_model writes to stderr.
    client: MlflowClient = mlflow.MlflowClient()
    if not client.search_registered_models(f"name='{REGISTERED}'"):
        client.create_registered_model(REGISTERED, description="Problem categories of inspection findings")
    client.create_model_version(REGISTERED, source=logged.model_uri, run_id=logged.run_id, model_id=logged.model_id)


def set_champion_alias(run_id: str) -> str | None:
    """Give the registered version of a run the alias ``champion``; return the version, or None if it is not registered."""
    with _mlflow() as mlflow:
        client: MlflowClient = mlflow.MlflowClient()
        for version in client.search_model_versions(f"name='{REGISTERED}'"):
            if version.run_id == run_id:
                client.set_registered_model_alias(REGISTERED, CHAMPION, version.version)
                return str(version.version)
    return None


def download_model(uri: str) -> Path:
    """Fetch the model folder behind an MLflow URI (``models:/xuntag@champion``, ``runs:/ID/model``).

    Raises
    ------
    ModelError
        If the store has no such model, or it was not logged by xuntag.

    """
    with _mlflow() as mlflow:
        target = Path(tempfile.mkdtemp(prefix="xuntag-model-"))
        try:
            local = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(target)))
        except mlflow.exceptions.MlflowException as exc:
            raise ModelError(f"Cannot fetch {uri} from {tracking_uri()}: {exc.message}") from exc
    found = sorted(local.rglob(DESCRIPTION))
    if not found:
        raise ModelError(f"{uri} holds no xuntag model folder; was it logged by `xuntag train`?")
    return found[0].parent


def run_model(run_id: str) -> Path:
    """Fetch the model folder that a run recorded."""
    return download_model(f"runs:/{run_id}/model")
