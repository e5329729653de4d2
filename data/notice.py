"""What a notice is once it has been read: its text, where each line stood, and what the text says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["feedback", "rectification", "quoted", "news", "ledger", "list", "speech"]

CELL_SEPARATOR = "\t"


@dataclass(frozen=True, slots=True)
class RawLine:
    """One paragraph or table row as a reader found it, before normalising.

    ``text`` holds the cells of a table row separated by tabs; ``place`` is what a person would call its position
    (``"第3段"``, ``"第2页"``, ``"问题清单!5"``); ``cell_places`` gives the address of each cell of a row where the
    format has addresses.
    """

    text: str
    place: str = ""
    cell_places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the normalised text: ``notice.text[start:end]``."""

    start: int
    end: int
    place: str = ""
    cell_places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as text with what it says of itself.

    ``text`` is normalised; tables stand in it as lines of tab-separated cells. ``title``, ``organisation`` (the
    inspected one), ``date`` (ISO 8601, as exact as the text gives it: ``2024``, ``2024-07`` or ``2024-07-17``) and
    ``stated_count`` are None where the text does not say. ``review_reasons`` tells in Chinese why a person should
    look at the whole notice; they are known once findings have been extracted.
    """

    text: str
    title: str | None = None
    organisation: str | None = None
    date: str | None = None
    kind: Kind = "feedback"
    stated_count: int | None = None
    source: str = ""
    lines: tuple[Line, ...] = field(default=(), repr=False)
    review_reasons: tuple[str, ...] = ()

    @property
    def needs_review(self) -> bool:
        """True when a person should look at the whole notice."""
        return bool(self.review_reasons)
