"""The one way from text to tags: import, command line, batch and MLflow all answer through ``Tagger``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..data.extract import Extracted, extract
from ..data.normalise import normalise
from ..data.notice import Notice
from ..data.read import read_notice
from ..data.taxonomy import OTHER, Taxonomy
from ..models.base import Classifier, Judgement, extraction_judge


@dataclass(frozen=True, slots=True)
class Tag:
    """The answer for one text.

    ``labels``: category ids, primary first. ``scores``: every category id with its calibrated probability in [0, 1].
    ``finding``: probability that the text states a finding at all. ``needs_review``: a person should decide.
    """

    labels: tuple[str, ...]
    scores: dict[str, float]
    finding: float
    needs_review: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """A tagged finding of a notice: ``notice.text[start:end] == text``.

    ``heading`` holds the titles above it, outermost first, joined by " > "; ``number`` is as printed; ``place`` is a line,
    paragraph or sheet!cell; ``measures``, ``status``, ``responsible`` and ``deadline`` are empty where the notice is silent.
    """

    index: int
    text: str
    start: int
    end: int
    heading: str
    number: str
    place: str
    measures: str
    status: str
    responsible: str
    deadline: str
    labels: tuple[str, ...]
    scores: dict[str, float]
    finding: float
    needs_review: bool


@dataclass(frozen=True, slots=True)
class TaggedNotice:
    """A notice and its findings in order."""

    notice: Notice
    findings: tuple[Finding, ...]


class Tagger:
    """A loaded model with its rules. Thread-safe: load once, call often.

    ``detector`` tells findings from other clauses of a notice where ``model`` has learnt from findings alone.
    """

    def __init__(self, model: Classifier, detector: Classifier | None = None) -> None:
        self._model = model
        self._detector = detector

    @property
    def classifier(self) -> Classifier:
        """The loaded model itself."""
        return self._model

    @property
    def model(self) -> str:
        """Name of the model."""
        return self._model.name

    @property
    def kind(self) -> str:
        """Kind of the model: ``baseline`` or ``bert``."""
        return self._model.kind

    @property
    def taxonomy(self) -> Taxonomy:
        """The categories that the model knows."""
        return self._model.taxonomy

    def tag(self, texts: Sequence[str], headings: Sequence[str | None] | None = None) -> list[Tag]:
        """Return the tag of each text, in order.

        Parameters
        ----------
        texts : sequence of str, length n. A blank text gets ("other",) where the taxonomy has it, and asks for review.
        headings : section heading of each text where known, else None or "".

        Raises
        ------
        TypeError
            If ``texts`` is a single str or holds something else than str; the position is named.
        ValueError
            If ``headings`` has another length than ``texts``.

        """
        cleaned = [normalise(text) for text in _checked(texts)]
        given = _checked_headings(headings, len(cleaned))
        filled = [index for index, text in enumerate(cleaned) if any(c.isalnum() for c in text)]
        tags: list[Tag] = [self._blank()] * len(cleaned)
        if filled:
            judged = self._model.judge([cleaned[i] for i in filled], [given[i] for i in filled])
            confidence = self._model.decisions.confidence(judged.scores, judged.primary)
            made = self._tags(judged, judged.finding, confidence < self._model.decisions.review_below)
            for index, tag in zip(filled, made, strict=True):
                tags[index] = tag
        return tags

    def tag_notice(
        self, path: str | Path | None = None, *, text: str | None = None, data: bytes | None = None, filename: str = ""
    ) -> TaggedNotice:
        """Read a notice, extract its findings and tag them (see ``read_notice`` for the arguments and errors)."""
        return self.tag_read(read_notice(path, text=text, data=data, filename=filename))

    def tag_read(self, notice: Notice) -> TaggedNotice:
        """Extract and tag the findings of a notice that has been read."""
        found, reasons = extract(notice, extraction_judge(self._model, self._detector))
        texts = [notice.text[f.start : f.end] for f in found]
        findings: list[Finding] = []
        if found:
            judged = self._model.judge(texts, [f.heading for f in found])
            probability = np.array([f.probability for f in found])
            confidence = self._model.decisions.confidence(judged.scores, judged.primary, probability)
            reviewed = (confidence < self._model.decisions.review_below) | np.array([f.doubtful for f in found])
            for index, (span, text_, tag) in enumerate(
                zip(found, texts, self._tags(judged, probability, reviewed), strict=True), 1
            ):
                findings.append(_finding(index, text_, span, tag))
        return TaggedNotice(replace(notice, review_reasons=reasons), tuple(findings))

    def _tags(self, judged: Judgement, finding: NDArray[np.float64], reviewed: NDArray[np.bool_]) -> list[Tag]:
        labels = self._model.labels
        singles: dict[tuple[int, ...], tuple[str, ...]] = {(k,): (label,) for k, label in enumerate(labels)}
        return [
            Tag(
                singles.get(chosen) or tuple(labels[k] for k in chosen),
                dict(zip(labels, row, strict=True)),
                sure,
                review,
            )
            for chosen, row, sure, review in zip(
                self._model.decisions.choose(judged.scores, judged.primary),
                judged.scores.tolist(),
                finding.tolist(),
                reviewed.tolist(),
                strict=True,
            )
        ]

    def _blank(self) -> Tag:
        labels = self._model.labels
        scores = dict.fromkeys(labels, 0.0)
        return Tag((OTHER,) if OTHER in labels else (), scores, 0.0, True)


def _finding(index: int, text: str, span: Extracted, tag: Tag) -> Finding:
    return Finding(
        index,
        text,
        span.start,
        span.end,
        span.heading,
        span.number,
        span.place,
        span.measures,
        span.status,
        span.responsible,
        span.deadline,
        tag.labels,
        tag.scores,
        tag.finding,
        tag.needs_review,
    )


def _checked(texts: Sequence[str]) -> Sequence[str]:
    if isinstance(texts, str):
        raise TypeError("tag() of a tagger needs a list of texts, got one str; write tagger.tag([text]).")
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(
                f'texts[{index}] is {text!r} ({type(text).__name__}), not a str. Drop missing values or replace them with "" before tagging.'
            )
    return texts


def _checked_headings(headings: Sequence[str | None] | None, n: int) -> list[str]:
    if headings is None:
        return [""] * n
    if isinstance(headings, str):
        raise TypeError("headings must be a list with one heading (or None) for each text, got one str.")
    if len(headings) != n:
        raise ValueError(f"headings has {len(headings)} entries for {n} texts; give one (or None) for each text.")
    for index, heading in enumerate(headings):
        if heading is not None and not isinstance(heading, str):
            raise TypeError(f"headings[{index}] is {heading!r} ({type(heading).__name__}), not a str or None.")
    return [heading or "" for heading in headings]
