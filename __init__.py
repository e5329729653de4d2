"""xuntag: inspection notices in, tagged findings out.

The public names are loaded on first use, so that importing xuntag costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import DataError, MissingExtraError, ModelError, UnreadableNoticeError, XuntagError

if TYPE_CHECKING:
    from .data.notice import Notice
    from .data.read import read_notice
    from .serving.api import load_tagger, tag, tag_notice
    from .serving.tagger import Finding, Tag, TaggedNotice, Tagger

__version__ = "0.1.0"

_HOMES = {
    "Finding": ".serving.tagger",
    "Notice": ".data.notice",
    "Tag": ".serving.tagger",
    "TaggedNotice": ".serving.tagger",
    "Tagger": ".serving.tagger",
    "load_tagger": ".serving.api",
    "read_notice": ".data.read",
    "tag": ".serving.api",
    "tag_notice": ".serving.api",
}

__all__ = [
    "DataError",
    "Finding",
    "MissingExtraError",
    "ModelError",
    "Notice",
    "Tag",
    "TaggedNotice",
    "Tagger",
    "UnreadableNoticeError",
    "XuntagError",
    "__version__",
    "load_tagger",
    "read_notice",
    "tag",
    "tag_notice",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'xuntag' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
