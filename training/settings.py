"""Settings of a training run from a file and from ``--set key=value``, checked by name and type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from ..data.rows import closest
from ..errors import DataError
from .baseline import BaselineConfig


def baseline_config(path: Path | None, settings: Sequence[str]) -> BaselineConfig:
    """Return the configuration of the baseline; ``settings`` win over the file.

    Raises
    ------
    DataError
        If a key is unknown or a value of the wrong type or range; the closest key is named.

    """
    values: dict[str, Any] = {}
    if path is not None:
        try:
            loaded = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
            raise DataError(f"Cannot read settings {path}: {exc}. It must be a UTF-8 YAML mapping.") from exc
        if not isinstance(loaded, dict):
            raise DataError(f"{path}: expected a mapping of settings to values.")
        values.update(loaded)
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise DataError(f"--set {setting}: write key=value, for example --set promise=0.9.")
        values[key.strip()] = yaml.safe_load(value)
    known = {field.name: type(getattr(BaselineConfig(), field.name)) for field in fields(BaselineConfig)}
    for key, value in values.items():
        if key not in known:
            raise DataError(f"Unknown setting {key!r}{closest(key, known)}")
        wanted = known[key]
        if not (isinstance(value, wanted) or (wanted is float and isinstance(value, int))) or (
            isinstance(value, bool) and wanted is not bool
        ):
            raise DataError(f"Setting {key} is {value!r}; it must be a {wanted.__name__}.")
    try:
        return BaselineConfig(**values)
    except ValueError as exc:
        raise DataError(f"Setting {exc}") from exc
