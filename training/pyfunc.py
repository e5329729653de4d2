"""The model that MLflow loads: this file is logged as code, so nothing is pickled."""

from __future__ import annotations

from typing import Any

import mlflow
import pandas as pd
import xuntag
from mlflow.pyfunc.model import PythonModel, PythonModelContext


class TaggerModel(PythonModel):
    """Answer as ``xuntag.tag`` does: a row with text (and heading) in, a row with labels and scores out."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the model folder that was logged with this file."""
        self.tagger = xuntag.load_tagger(context.artifacts["folder"])

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return labels, scores, finding and needs_review of each row."""
        headings = None
        if "heading" in model_input.columns:
            headings = [heading if isinstance(heading, str) else None for heading in model_input["heading"]]
        tags = self.tagger.tag(model_input["text"].tolist(), headings)
        return pd.DataFrame(
            {
                "labels": [list(tag.labels) for tag in tags],
                "scores": [tag.scores for tag in tags],
                "finding": [tag.finding for tag in tags],
                "needs_review": [tag.needs_review for tag in tags],
            }
        )


mlflow.models.set_model(TaggerModel())
