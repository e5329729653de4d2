"""The functions that other programs import: ``tag``, ``tag_notice``, ``load_tagger``."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import overload

from ..models.folder import DESCRIPTION
from ..models.home import champion, find_model, load_model, model_folder
from ..models.tfidf import KIND as BASELINE
from .tagger import Tag, TaggedNotice, Tagger

_lock = threading.Lock()


def load_tagger(model: str | Path | None = None) -> Tagger:
    """Load a model once to tag often.

    Parameters
    ----------
    model : a model folder, the name of an installed model (``baseline``, ``champion``), or an MLflow URI
        (``models:/xuntag@champion``). By default the promoted model, else the baseline, which is trained from the bundled
        corpus on first use (seconds) and kept in the model home.

    Raises
    ------
    ModelError
        If there is no such model, or a file of it is missing or altered.

    """
    folder = resolve_model(model)
    return _load(str(folder), (folder / DESCRIPTION).stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _load(folder: str, _changed: int) -> Tagger:
    model = load_model(Path(folder))
    if model.detects_findings:
        return Tagger(model)
    # What states a finding is worded alike whatever it is about, so the bundled corpus can tell.
    detector = load_model(resolve_model(BASELINE))
    return Tagger(model, detector if detector.detects_findings else None)


def resolve_model(model: str | Path | None) -> Path:
    """Return the folder of the model that ``load_tagger(model)`` loads; train the baseline if it is wanted and not there."""
    if model is None:
        promoted = champion()
        if promoted is not None:
            return promoted
        model = BASELINE
    if isinstance(model, str) and model.startswith(("models:/", "runs:/")):
        from ..training.tracking import download_model

        return download_model(model)
    if (
        model == BASELINE
        and not (model_folder(BASELINE) / DESCRIPTION).is_file()
        and not (Path(BASELINE) / DESCRIPTION).is_file()
    ):
        with _lock:
            if not (model_folder(BASELINE) / DESCRIPTION).is_file():
                _train_baseline()
    return find_model(model)


def _train_baseline() -> None:
    from tqdm import tqdm

    from ..training.fit import fit_baseline, save_model

    with tqdm(
        total=100,
        desc="Training the baseline from the bundled corpus (once)",
        unit="%",
        disable=not sys.stderr.isatty(),
    ) as bar:

        def advance(_step: str, share: float) -> None:
            bar.update(int(100 * share) - bar.n)

        fitted = fit_baseline(progress=advance)
        save_model(fitted, model_folder(BASELINE))


@overload
def tag(  # type: ignore[overload-overlap]  # a str is a sequence of str, and is meant as one text
    texts: str, headings: str | None = None, *, model: str | Path | None = None
) -> Tag: ...
@overload
def tag(
    texts: Sequence[str], headings: Sequence[str | None] | None = None, *, model: str | Path | None = None
) -> list[Tag]: ...
def tag(
    texts: str | Sequence[str], headings: str | Sequence[str | None] | None = None, *, model: str | Path | None = None
) -> Tag | list[Tag]:
    """Tag findings with their problem categories.

    Parameters
    ----------
    texts : one finding, or a sequence of n.
    headings : the section heading of each where known (a str for one text, a sequence of n for many).
    model : see ``load_tagger``.

    Returns
    -------
    Tag, or list of Tag of length n in the same order
        A blank text gets ("other",) where the taxonomy has it, and ``needs_review``.

    Raises
    ------
    TypeError
        If something among ``texts`` is not a str; its position is named.

    """
    if isinstance(texts, str):
        if headings is not None and not isinstance(headings, str):
            raise TypeError("headings must be a str where texts is one.")
        return load_tagger(model).tag([texts], [headings])[0]
    if isinstance(texts, bytes | dict) or not hasattr(texts, "__iter__"):
        raise TypeError(
            f"texts must be a str or a sequence of str, got {type(texts).__name__}. Decode bytes and replace missing values first."
        )
    if isinstance(headings, str):
        raise TypeError("headings must be a sequence with one heading (or None) for each text, got one str.")
    # A pandas or numpy column is as good as a list.
    return load_tagger(model).tag(list(texts), headings if headings is None else list(headings))


def tag_notice(
    path: str | Path | None = None,
    *,
    text: str | None = None,
    data: bytes | None = None,
    filename: str = "",
    model: str | Path | None = None,
) -> TaggedNotice:
    """Read a notice, extract its findings and tag each.

    Give exactly one of ``path`` (.txt .md .docx .xlsx .csv .jsonl), ``text``, or ``data`` with ``filename``; ``model`` as in
    ``load_tagger``.

    Raises
    ------
    UnreadableNoticeError
        If the file is empty, cut off, encrypted, too large or of a format that is not read.

    """
    return load_tagger(model).tag_notice(path, text=text, data=data, filename=filename)
