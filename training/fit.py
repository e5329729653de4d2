"""One training run: data in, a fitted model with its evaluation out, saved as a model folder."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..models.tfidf import TfidfClassifier
from .baseline import BaselineConfig, Progress, train_baseline
from .dataset import Dataset, bundled_dataset
from .evaluate import Evaluation, evaluate
from .extraction import promise_on_extracted


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained model with what it learnt from and how it does on the dev and test rows (None where there are none)."""

    model: TfidfClassifier
    data: Dataset
    config: BaselineConfig
    dev: Evaluation | None
    test: Evaluation | None

    def about(self) -> dict[str, Any]:
        """Return what the model folder says of the run."""
        from .. import __version__

        return {
            "name": self.model.name,
            "version": datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ"),
            "xuntag": __version__,
            "data": self.data.source,
            "corpus_sha256": self.data.hash,
            "taxonomy_sha256": self.data.taxonomy.hash(),
            "config": asdict(self.config),
            "rows": {"train": len(self.data.train), "dev": len(self.data.dev), "test": len(self.data.test)},
            "test_metrics": self.test.summary() if self.test else None,
        }


def fit_baseline(
    data: Dataset | None = None,
    config: BaselineConfig | None = None,
    progress: Progress | None = None,
    name: str = "baseline",
) -> Fitted:
    """Train the baseline on ``data`` (the bundled corpus by default) and evaluate it."""
    data = data or bundled_dataset()
    config = config or BaselineConfig()
    model = train_baseline(data, config, progress, name)
    if data.dev_notices:
        model.decisions = promise_on_extracted(model, data.dev_notices)
    return Fitted(
        model,
        data,
        config,
        evaluate(model, data.dev) if data.dev else None,
        evaluate(model, data.test) if data.test else None,
    )


def save_model(fitted: Fitted, folder: Path, run_id: str | None = None) -> None:
    """Write the model folder; ``run_id`` is the MLflow run that recorded it."""
    fitted.model.save(folder, {**fitted.about(), "mlflow_run": run_id})
