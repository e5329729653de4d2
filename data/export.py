"""Write the bundled corpus as plain rows, for tools that know nothing of annotated notices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from ..errors import XuntagError
from .corpus import SPLITS, bundled, rows_of

Format = Literal["jsonl", "parquet"]


def export_corpus(folder: Path, form: Format = "jsonl") -> dict[str, int]:
    """Write the findings of each split to ``folder/SPLIT.jsonl`` or ``.parquet`` and return how many each holds.

    The columns are text, labels (primary first), heading, group (the notice) and split; ``datasets.load_dataset(folder)`` reads
    them as its splits train, validation (dev) and test.

    Raises
    ------
    XuntagError
        If Parquet is asked for and pyarrow is not installed.

    """
    rows = {
        split: [
            {"text": r.text, "labels": list(r.labels), "heading": r.heading, "group": r.group, "split": split}
            for annotated in bundled(split)
            for r in rows_of(annotated)
            if r.finding
        ]
        for split in SPLITS
    }
    if form == "parquet":
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError as exc:
            raise XuntagError("Parquet needs pyarrow; install it with: pip install 'xuntag[train]'") from exc
    folder.mkdir(parents=True, exist_ok=True)
    for split, found in rows.items():
        path = folder / f"{split}.{form}"
        if form == "parquet":
            parquet.write_table(pyarrow.Table.from_pylist(found), path)
        else:
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
            path.write_text(lines, encoding="utf-8", newline="\n")
    return {split: len(found) for split, found in rows.items()}
