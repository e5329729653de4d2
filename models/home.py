"""Where models live on this machine, and which one a name means."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..data.rows import closest
from ..errors import ModelError
from .base import Classifier
from .folder import DESCRIPTION, describe
from .tfidf import KIND as BASELINE
from .tfidf import load_tfidf

CHAMPION = "champion"
_POINTER = "champion.json"
_LOADERS: dict[str, Callable[[Path], Classifier]] = {BASELINE: load_tfidf}


def home() -> Path:
    """Return the model home: ``$XUNTAG_HOME``, else the platform's folder for user data."""
    given = os.environ.get("XUNTAG_HOME")
    if given:
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("xuntag", appauthor=False))


def model_folder(name: str) -> Path:
    """Return where the model of this name is kept in the model home."""
    return home() / "models" / name


def labels_folder() -> Path:
    """Return where an office's corrections are kept unless it says otherwise."""
    return home() / "labels"


def installed() -> list[tuple[str, Path, dict[str, Any]]]:
    """Return (name, folder, description) of every model in the model home, by name."""
    root = home() / "models"
    if not root.is_dir():
        return []
    folders = sorted(p for p in root.iterdir() if (p / DESCRIPTION).is_file() and not p.name.startswith("."))
    return [(folder.name, folder, describe(folder)) for folder in folders]


def champion() -> Path | None:
    """Return the folder of the promoted model, or None."""
    try:
        name = json.loads((home() / _POINTER).read_text(encoding="utf-8"))["model"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ModelError(
            f"{home() / _POINTER} is damaged. Promote a model again, or delete the file to use the default."
        ) from exc
    folder = model_folder(name)
    if not (folder / DESCRIPTION).is_file():
        raise ModelError(
            f"The promoted model {name!r} is no longer in {folder}. Promote another, or delete {home() / _POINTER}."
        )
    return folder


def set_champion(name: str) -> None:
    """Make the model of this name the one that is used by default."""
    root = home()
    root.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(prefix=f".{_POINTER}-", dir=root)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"model": name}, file, ensure_ascii=False)
    Path(fresh).replace(root / _POINTER)


def find_model(model: str | Path) -> Path:
    """Return the folder that a name or path means.

    Raises
    ------
    ModelError
        If there is neither a folder nor an installed model so called; the closest name is given.

    """
    path = Path(model).expanduser()
    if (path / DESCRIPTION).is_file():
        return path
    if model == CHAMPION:
        promoted = champion()
        if promoted is None:
            raise ModelError("No model has been promoted yet. Run `xuntag promote NAME` first.")
        return promoted
    if path.name == str(model) and (model_folder(str(model)) / DESCRIPTION).is_file():
        return model_folder(str(model))
    names = [name for name, _, _ in installed()]
    if path.is_dir():
        raise ModelError(f"{path} is not a model folder: it holds no {DESCRIPTION}.")
    hint = closest(str(model), names) if names else "; no model is installed yet. Run `xuntag train baseline`."
    raise ModelError(f"There is no model {str(model)!r} in {home() / 'models'} and no such folder{hint}")


def load_model(folder: Path) -> Classifier:
    """Load the model of a folder, whatever its kind."""
    kind = describe(folder).get("kind")
    if kind not in _LOADERS:
        raise ModelError(f"Model folder {folder} is of kind {kind!r}; this xuntag loads {', '.join(_LOADERS)}.")
    return _LOADERS[kind](folder)
