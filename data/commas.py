"""Cut running prose at the commas that part two findings.

学习不深入，笔记记录不全 is one finding with its detail; 采购程序倒置，病历书写不规范 are two. A comma parts two findings where the
stretches on either side of it are complete statements about different things; how much each sign of that counts is
learnt from the training notices.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# (texts, headings) -> probability of a finding (n,), probability of being the first label (n, K)
Judge = Callable[[Sequence[str], Sequence[str]], tuple[NDArray[np.float64], NDArray[np.float64]]]

# Log-odds that a comma parts two findings, fitted by logistic regression on out-of-fold probabilities of the training
# notices (``training.layout.fit_commas`` returns this table). In cross-validation by notice they find 87 of 155 such
# commas with 5 false cuts among 2,103; a rule of thumb on the same signs found 44 with 7.
# A cut is made from odds of 7 to 3 on: a false one costs two findings, a missed one only one.
_LEAST = math.log(7 / 3)
WEIGHTS: dict[str, float] = {
    "bias": -6.01,
    "differ": 0.51,
    "left_sure": 0.07,
    "right_sure": 0.25,
    "stated": 0.06,
    "left_ends": 0.61,
    "right_ends": 1.01,
    "dependent": -1.98,
    "several": 2.0,
}
FEATURES = tuple(WEIGHTS)

_SEGMENT = re.compile(r"[^，]+")
# Corruption risk stays with the business that it belongs to.
_RISK = re.compile(r"廉[政洁]风险")
# A clause that opens with these goes on with the one before.
_DEPENDENT = re.compile(
    r"导致|造成|致使|使得|以致|从而|甚至|其中|且|并|但|仅|只|又|也|还|均|都|至今|因|由于|为|被|影响|未能|反映|说明|存在"
)
# How a statement of its own ends in running prose (人才队伍建设滞后); a detail ends otherwise (年租金3万元, 纪要为空白).
CONVENTIONAL_END = re.compile(
    r"(?:[不欠][一-龥]{1,5}|缺[位失乏少]|薄弱|滞后|[缓迟][慢缓]|短板|差距|偏[差散松软弱低慢]|漏洞|盲[点区]|弱项|空白|乏力|[弱淡虚软]化"
    r"|淡[漠薄]|[失缺]管|失[严范察]|松[懈弛散]|粗[放疏]|平平|疏漏|隐患|问题|欠缺|缺陷|走过场|流于形式|脱节|混乱|参差|单一"
    r"|虚[设置]|有限|较[差弱慢低]|很[少差弱])$"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A stretch of a notice's text between ； or 。 and its heading."""

    start: int
    end: int
    heading: str


@dataclass(frozen=True, slots=True)
class Comma:
    """A comma of a statement: the ends and starts of the stretches around it, and how many stretches the statement has."""

    statement: int
    left: tuple[int, int]
    right: tuple[int, int]
    stretches: int


def stretches_between_commas(text: str, statements: Sequence[Statement], judge: Judge) -> list[list[tuple[int, int]]]:
    """Return the findings (start, end) that each statement of ``text`` falls into, in order."""
    cuts: list[list[Comma]] = [[] for _ in statements]
    commas = commas_of(text, statements)
    if commas:
        table = comma_features(text, statements, commas, judge)
        odds = table @ np.array([WEIGHTS[name] for name in FEATURES])
        for index in np.flatnonzero(both_stated(table) & (odds >= _LEAST)).tolist():
            cuts[commas[index].statement].append(commas[index])
    return [
        list(
            zip(
                (statement.start, *(comma.right[0] for comma in parting)),
                (*(comma.left[1] for comma in parting), statement.end),
                strict=True,
            )
        )
        for statement, parting in zip(statements, cuts, strict=True)
    ]


def commas_of(text: str, statements: Sequence[Statement]) -> list[Comma]:
    """Return the commas that could part two findings, in order."""
    found = []
    for index, statement in enumerate(statements):
        stretches = _stretches(text, statement.start, statement.end)
        found += [
            Comma(index, left, right, len(stretches))
            for left, right in itertools.pairwise(stretches)
            if not _RISK.match(text, right[0])
        ]
    return found


def comma_features(
    text: str, statements: Sequence[Statement], commas: Sequence[Comma], judge: Judge
) -> NDArray[np.float64]:
    """Return (n, F), columns as ``FEATURES``: what speaks for and against a cut at each of ``commas``."""
    sides = [text[start:end] for comma in commas for start, end in (comma.left, comma.right)]
    finding, primary = judge(sides, [statements[comma.statement].heading for comma in commas for _ in range(2)])
    table = np.zeros((len(commas), len(FEATURES)))
    for index, comma in enumerate(commas):
        left, right = sides[2 * index : 2 * index + 2]
        likely_left, likely_right = primary[2 * index], primary[2 * index + 1]
        told = {
            "bias": 1.0,
            "differ": _log_odds(1 - float(likely_left @ likely_right)),
            "left_sure": _log_odds(float(likely_left.max())),
            "right_sure": _log_odds(float(likely_right.max())),
            "stated": _log_odds(float(finding[2 * index : 2 * index + 2].min())),
            "left_ends": float(bool(CONVENTIONAL_END.search(left))),
            "right_ends": float(bool(CONVENTIONAL_END.search(right))),
            "dependent": float(bool(_DEPENDENT.match(right))),
            "several": float(comma.stretches >= _SEVERAL),
        }
        table[index] = [told[name] for name in FEATURES]
    return table


def both_stated(table: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return (n,) whether the stretches on both sides are rather findings than not; only there can a comma part two."""
    return np.asarray(table[:, FEATURES.index("stated")] > 0)


# A statement of so many stretches is rather an enumeration than a finding with its details.
_SEVERAL = 4


def _log_odds(probability: float) -> float:
    safe = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(safe / (1 - safe))


def _stretches(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the stretches between commas outside quotation marks and brackets; short ones stay with the one before."""
    segments: list[tuple[int, int]] = []
    for match in _SEGMENT.finditer(text, start, end):
        opened = segments and any(
            text.count(left, segments[-1][0], segments[-1][1]) > text.count(right, segments[-1][0], segments[-1][1])
            for left, right in ("“”", "（）", "《》", "‘’")
        )
        if segments and (opened or match.end() - match.start() < 5 or segments[-1][1] - segments[-1][0] < 5):
            segments[-1] = (segments[-1][0], match.end())
        else:
            segments.append(match.span())
    return segments
