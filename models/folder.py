"""A model on disk: a folder with ``xuntag.json`` and the files it lists with their checksums.

Written beside its place and renamed, so a reader sees the old folder or the new one; read without pickle.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError

DESCRIPTION = "xuntag.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """The description and the verified bytes of a model folder."""

    path: Path
    about: dict[str, Any]
    files: dict[str, bytes]

    def text(self, name: str) -> str:
        """Return a UTF-8 file of the folder."""
        return self._file(name).decode("utf-8")

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the arrays of an .npz file of the folder; pickled objects are refused."""
        try:
            with np.load(io.BytesIO(self._file(name)), allow_pickle=False) as archive:
                return {key: archive[key] for key in archive.files}
        except (ValueError, OSError) as exc:
            raise ModelError(
                f"Model folder {self.path}: {name} is damaged ({exc}). Train it again or restore it."
            ) from exc

    def _file(self, name: str) -> bytes:
        if name not in self.files:
            raise ModelError(f"Model folder {self.path} lists no {name}. Train it again or restore it.")
        return self.files[name]


def describe(path: Path) -> dict[str, Any]:
    """Return ``xuntag.json`` of a model folder; raises ``ModelError`` if it is missing or unreadable."""
    try:
        about = json.loads((path / DESCRIPTION).read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise ModelError(f"{path} is not a model folder: it holds no {DESCRIPTION}.") from exc
    except (OSError, ValueError) as exc:
        raise ModelError(
            f"Model folder {path}: {DESCRIPTION} cannot be read ({exc}). Train it again or restore it."
        ) from exc
    if not isinstance(about, dict) or about.get("format") != FORMAT or not isinstance(about.get("files"), dict):
        raise ModelError(f"Model folder {path} has format {about.get('format')!r}; this xuntag reads format {FORMAT}.")
    return about


def read_folder(path: Path) -> ModelFolder:
    """Read a model folder and verify every file against its checksum.

    Raises
    ------
    ModelError
        If a file is missing or altered; the message names it.

    """
    about = describe(path)
    files = {}
    for name, checksum in about["files"].items():
        if Path(name).name != name:
            raise ModelError(f"Model folder {path}: {name!r} is not a plain file name.")
        try:
            content = (path / name).read_bytes()
        except OSError as exc:
            raise ModelError(
                f"Model folder {path}: {name} is missing. Copy the folder whole, or train it again."
            ) from exc
        if hashlib.sha256(content).hexdigest() != checksum:
            raise ModelError(
                f"Model folder {path}: {name} has been altered (its checksum differs). Restore it or train it again."
            )
        files[name] = content
    return ModelFolder(path, about, files)


def write_folder(
    path: Path, about: dict[str, Any], files: dict[str, bytes], arrays: dict[str, dict[str, NDArray[Any]]]
) -> None:
    """Write a model folder atomically, in place of any that stands there."""
    contents = dict(files)
    for name, group in arrays.items():
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **group)  # type: ignore[arg-type]
        contents[name] = buffer.getvalue()
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(contents.items())}
    contents[DESCRIPTION] = json.dumps(
        {"format": FORMAT, **about, "files": checksums}, ensure_ascii=False, indent=1
    ).encode("utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        for name, content in contents.items():
            (fresh / name).write_bytes(content)
        fresh.chmod(0o755)
        replace_folder(fresh, path)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def replace_folder(fresh: Path, path: Path) -> None:
    """Move ``fresh`` to ``path``; a folder that stood there is removed once the new one is in place."""
    if not path.exists():
        fresh.replace(path)
        return
    # A folder cannot be renamed over a full one: the old one steps aside first. A reader that comes between the two
    # renames finds no folder and is told so; it never finds half of one.
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}-old-", dir=path.parent))
    path.replace(aside / "model")
    fresh.replace(path)
    shutil.rmtree(aside, ignore_errors=True)
